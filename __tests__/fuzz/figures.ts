/** How many cases of each kind `.ci/run` plays. docs/reliability.md says so, too. */
export const usual = { stories: 20_000, selections: 5000, sockets: 300, signals: 100 } as const;
