import type { Ids } from "./provider.ts";

/** The CI system we run on, as a place to cancel runs on. */
export interface Platform {
  readonly provider: string;
  readonly server: string;
  readonly api?: string;
  /** The variables that say so. */
  readonly variables?: { readonly server: string; readonly api: string };
  /** Ids of the project we run in: they fill in what the inputs leave out. */
  readonly ids: Ids;
  /** The runs that this step is part of, by their full ids. */
  readonly self: readonly Ids[];
  /** The run as a whole that this step is part of. */
  readonly own?: Ids;
  /** That run was itself started by another one. */
  readonly nested?: boolean;
  /** The job's own token: for this server and no other. */
  readonly token?: string;
}
