/** All rows with all their cases. */
import { hostile } from "./hostile.ts";
import { http } from "./http.ts";
import { rows } from "./rows.ts";
import { runner } from "./runner.ts";
import { state } from "./state.ts";
import { transport } from "./transport.ts";
import type { Case, Cases } from "./trial.ts";

export const cases: Cases = { ...transport, ...http, ...state, ...runner, ...hostile };

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
