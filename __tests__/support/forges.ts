/** Forgejo and Gitea, as far as a page that names a run goes: which version, which runs by number and by id. */
import { canary, Server } from "./servers.ts";

interface ForgeRun {
  readonly id: number;
  readonly number: number;
}

/** Runs of `octo/deploy`, all running until they are cancelled. `version` decides what a page's number means. */
export async function forge(version: string, runs: readonly ForgeRun[]): Promise<Server> {
  const cancelled = new Set<number>();
  const isForgejo = version.includes("+gitea-");
  return await Server.listen(({ origin, method, path, headers }) => {
    const { pathname, searchParams } = new URL(path, origin);
    if (pathname === "/api/v1/version") return { status: 200, body: { version } };
    if (headers["authorization"] !== `Bearer ${canary}`) return { status: 401, body: { message: "token is required" } };
    const show = ({ id, number }: ForgeRun): Record<string, unknown> => {
      const over = cancelled.has(id);
      return {
        id,
        html_url: `${origin}/octo/deploy/actions/runs/${isForgejo ? number : id}`,
        ...(isForgejo
          ? { index_in_repo: number, status: over ? "cancelled" : "running" }
          : {
              run_number: number,
              ...(over ? { status: "completed", conclusion: "cancelled" } : { status: "in_progress" }),
            }),
      };
    };
    const [, id, action] =
      /^\/api\/v1\/repos\/octo\/deploy\/actions\/runs(?:\/(\d+)(\/cancel)?)?$/.exec(pathname) ?? [];
    if (id === undefined) {
      const listed = runs.filter(({ number }) => `${number}` === searchParams.get("run_number"));
      return { status: 200, body: { workflow_runs: listed.map(show), total_count: listed.length } };
    }
    const run = runs.find((one) => `${one.id}` === id);
    if (!run) return { status: 404, body: { message: `run with id ${id}: resource does not exist` } };
    if (method === "POST" && action) cancelled.add(run.id);
    return isForgejo && action ? { status: 204 } : { status: 200, body: show(run) };
  });
}
