/** Environment variables, passed in: only hosts know where they come from. */
export type Environment = Readonly<Record<string, string | undefined>>;
