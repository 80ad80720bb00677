/** Which Node.js runs our program: what the action and the components name, from a package where this machine's is another. */
import { dirname } from "node:path";
import { fetchRuntime, here, type Node } from "../../scripts/bench/node.ts";

export { here, type Node };

/** `using: node24` of action.yml and `image: node:24` of the component; this machine's own where there is no package for it. */
export const runtime: Node = here.judged ? here : (fetchRuntime() ?? here);

/** Every Node.js that we try: the action's, and an older one that the component `guard` and the package run on too. */
export const nodes: readonly Node[] = [...new Set([runtime, here])];

export const folderOf = (node: Node): string => dirname(node.path);

/** Its fetch, by which the components load the program, goes through a proxy: https://nodejs.org/api/cli.html#node_use_env_proxy1 */
export function readsProxy({ version }: Node): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major >= 24 || (major === 22 && minor >= 21);
}
