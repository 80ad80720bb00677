/** `import { cancel } from "cancel-run"`: the same engine for programs. Nothing is printed, read from the environment or ended but what the caller hands over. */
import { systemClock } from "./clock.ts";
import { UsageError } from "./engine/usage.ts";
import { type CancelOptions, type CancelResult, libraryHost } from "./hosts/library.ts";
import { byPerson } from "./http/client.ts";
import { undiciTransport } from "./http/transport.ts";
import { version } from "./interface.ts";
import { cancelRun } from "./main.ts";
import { manifest } from "./providers/manifest.ts";
import { load } from "./providers/index.ts";

export type { CancelOptions, CancelResult };
export { UsageError, version };

/** Stops runs, and resolves with what became of them. Rejects with a `UsageError`, nothing sent, where the options are wrong. */
export async function cancel(options: CancelOptions): Promise<CancelResult> {
  const { signal, env = {} } = options;
  const { host, result } = libraryHost(options, manifest);
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(byPerson);
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  const transport = undiciTransport(env);
  try {
    await cancelRun({
      host,
      registry: { manifest, load },
      clock: systemClock(sinceStart),
      transport,
      interrupted: interrupted.signal,
    });
    return result();
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await transport.close();
  }
}

function sinceStart(): [seconds: number, nanoseconds: number] {
  const ms = performance.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
