/** One vendor's part of the demo: what happens there, the command that a user types, and the server it talks to. */
import type { Clock } from "../clock.ts";
import type { Vendor } from "./vendors/vendor.ts";

export interface Act {
  /** The system, and why its run is to stop. */
  readonly title: string;
  /** The variable of the vendor's own tools that holds the token. */
  readonly variable: string;
  /** Made up, like everything here. */
  readonly token: string;
  args(server: string): readonly string[];
  /** The stand-in, with a run that goes on until it is cancelled. */
  open(token: string, clock: Clock): Opened;
}

export interface Opened {
  readonly vendor: Vendor;
  /** The server's own record of the run. */
  testify(): { readonly stopped: boolean; readonly words: string };
}
