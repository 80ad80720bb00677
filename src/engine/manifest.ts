/** What every start knows of the vendors, before one is named and its file is read. */
import { isSecret } from "../interface.ts";
import type { Provider } from "../provider.ts";

/** What is known of a provider without its file. */
export interface Listed {
  /** Names of its ids, in the order of its file. */
  readonly ids: readonly string[];
  /** The provider by whose name it may be meant, too. */
  readonly answersTo?: string;
  /** Variables of its tools that hold a secret, and beginnings of their names. */
  readonly secrets: readonly string[];
  readonly secretPrefixes?: readonly string[];
}

/** By the provider's name. A Map, so that no name from outside can reach anything but a provider. */
export type Manifest = ReadonlyMap<string, Listed>;

export interface Registry {
  readonly manifest: Manifest;
  /** Reads the files of these providers, in the order of the registry; a name that it does not have is passed over. */
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Provider>>;
}

export function manifestOf(providers: ReadonlyMap<string, Provider>): Manifest {
  return new Map([...providers].map(([key, provider]) => [key, listed(provider)]));
}

function listed({ targets, auth, answersTo }: Provider): Listed {
  const variables = auth
    .flatMap(({ env }) => Object.entries(env))
    .flatMap(([input, some]) => (isSecret(input) ? some : []));
  // What names a file is no secret itself.
  const secrets = variables.flatMap((one) => (typeof one === "string" ? one : "name" in one ? one.name : []));
  const prefixes = variables.flatMap((one) => (typeof one === "object" && "prefix" in one ? one.prefix : []));
  return {
    ids: [...new Set(Object.values(targets).flatMap(({ ids }) => Object.keys(ids)))],
    ...(answersTo !== undefined && { answersTo }),
    secrets: [...new Set(secrets)],
    ...(prefixes.length > 0 && { secretPrefixes: [...new Set(prefixes)] }),
  };
}

/** Names of all ids, in the order of the registry. */
export const idNames = (manifest: Manifest): string[] => [...new Set([...manifest.values()].flatMap(({ ids }) => ids))];
