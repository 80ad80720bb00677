/** Time and chance, passed in everywhere. */
export interface Clock {
  /** Monotonic, in ms: deadlines and durations. */
  now(): number;
  /** Wall time: display and signatures. */
  date(): Date;
  /** In [0, 1). */
  random(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

// setTimeout fires at once beyond 2^31 - 1 ms.
const maxTimeout = 2 ** 31 - 1;

/** By `process.hrtime`: the same clock as `performance.now`, but that one loads node:perf_hooks first. */
export const systemClock = (hrtime: () => [seconds: number, nanoseconds: number]): Clock => ({
  now: () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  date: () => new Date(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, maxTimeout));
      signal?.addEventListener("abort", done);
    }),
});
