/** How many cases of each kind are played, and what they are. docs/reliability.md is made of this, too. */
export const usual = { stories: 20_000, selections: 5000, sockets: 300, signals: 100 } as const;

export type Kind = keyof typeof usual;

export const what: Readonly<Record<Kind, string>> = {
  stories: "whole steps against a simulated vendor's own record",
  selections: "selections against a naive evaluation",
  sockets: "programs on raw sockets",
  signals: "programs that are told to stop",
};
