/** All rows with all their cases. */
import { rows } from "./rows.ts";
import type { Case, Cases } from "./trial.ts";
import { http } from "./http.ts";
import { transport } from "./transport.ts";

export const cases: Cases = { ...transport, ...http };

export const every: readonly (Case & { readonly row: string })[] = Object.entries(cases).flatMap(([row, some]) =>
  some.map((one) => ({ row, ...one })),
);

/** Rows that no case shows, and cases that show no row. */
export function missing(): string[] {
  return [
    ...rows.filter(({ id }) => (cases[id]?.length ?? 0) === 0).map(({ id }) => `${id} has no case`),
    ...Object.keys(cases)
      .filter((id) => rows.every((row) => row.id !== id))
      .map((id) => `${id} is no row`),
  ];
}
