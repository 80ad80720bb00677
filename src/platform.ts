import type { Ids } from "./provider.ts";

/** The CI system we run on, as a place to cancel runs on. */
export interface Platform {
  readonly provider: string;
  readonly server: string;
  readonly api?: string;
  /** Ids of the project we run in: they fill in what the inputs leave out. */
  readonly ids: Ids;
  /** The runs that this step is part of, by their full ids. */
  readonly self: readonly Ids[];
  /** The job's own token: for this server and no other. */
  readonly token?: string;
}
