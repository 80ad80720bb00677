/** Start, one cancel and ten cancels: wall time beside that of one line of built-in fetch. */
import { type Finding, median, pairedRatio } from "./arithmetic.ts";
import {
  bare,
  bundle,
  compare,
  curl,
  fetching,
  hasProgram,
  inTerminal,
  onGitHub,
  onGitLab,
  type Program,
  type Request,
  time,
  type Timing,
} from "./program.ts";
import type { Node } from "./node.ts";
import { authority, listen, project, runs, tunnel } from "./server.ts";

const job = `/api/v4/projects/${encodeURIComponent(project)}/jobs/4711`;

const lookAt = (server: string): Request[] => [{ method: "GET", url: `${server}${job}` }];
const cancelAt = (server: string): Request[] => [
  ...lookAt(server),
  { method: "POST", url: `${server}${job}/cancel` },
  ...lookAt(server),
];

export interface Row {
  readonly name: string;
  /** Medians in ms; `first` is NaN where nothing is sent, `cpu` where it is not known. */
  readonly first: number;
  readonly cpu: number;
  readonly whole: number;
  /** To each baseline, pair by pair; of the whole times where one of the two sends nothing. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
}

/** What is measured of which programs; the first of the baselines is the one that is judged by. */
interface Table {
  readonly what: string;
  readonly ours: readonly Program[];
  readonly baselines: readonly Program[];
  readonly figure: (timing: Timing) => number;
  /** The ratio to the first baseline may be at most this. */
  readonly most: number | undefined;
}

/** Over TLS every program trusts the server by the same file. */
const trusting = (tls: boolean): Record<string, string> => (tls ? { NODE_EXTRA_CA_CERTS: authority } : {});
const over = (tls: boolean): string => (tls ? " over TLS" : "");

/** From the start of the process to its first request on the wire. */
export async function measureStart(
  { path: node, version, judged }: Node,
  rounds: number,
  tls = false,
): Promise<Comparison> {
  const server = await listen(runs({ over: true }), { tls });
  const more = trusting(tls);
  const ours = [onGitHub(node, server.url, { more }), onGitLab(node, server.url, { more })];
  const baselines = [fetching(node, lookAt(server.url), { more })];
  if (!tls) {
    ours.push(inTerminal(node, server.url));
    baselines.push(bare(node), ...(hasProgram("curl") ? [curl(lookAt(server.url))] : []));
  }
  const timings = await compare([...ours, ...baselines], rounds, server);
  await server.close();
  return table(timings, {
    what: `start to first request${over(tls)} on Node ${version}`,
    ours,
    baselines,
    figure: ({ first }) => first,
    most: judged ? 1 : undefined,
  });
}

/** Look, cancel, look: three requests, and the process over. */
export async function measureCancel(
  { path: node, version, judged }: Node,
  rounds: number,
  tls = false,
): Promise<Comparison> {
  const play = runs();
  const server = await listen(play, { tls });
  const more = trusting(tls);
  const ours = [onGitHub(node, server.url, { more }), onGitLab(node, server.url, { more })];
  const baselines = [fetching(node, cancelAt(server.url), { more })];
  const reset = (): void => {
    play.reset();
    server.forget();
  };
  const timings = await compare([...ours, ...baselines], rounds, server, reset);
  const { rows, findings } = table(timings, {
    what: `one confirmed cancel${over(tls)} on Node ${version}`,
    ours,
    baselines,
    figure: ({ whole }) => whole,
    most: judged ? 0.8 : undefined,
  });
  const connections: Finding[] = [];
  for (const program of ours) {
    reset();
    await time(program);
    connections.push({
      what: `connections${over(tls)} of one confirmed cancel on Node ${version}, ${program.name}`,
      value: server.connections(),
      unit: "",
      most: 1,
      counted: true,
    });
  }
  await server.close();
  return { rows, findings: [...findings, ...connections] };
}

/**
 * Ten workflow runs on GitHub. The baseline asks for a list and cancels one after the other without a look, as the
 * actions that cancel do: ours looks before and after each.
 */
export async function measureTen(
  { path: node, version, judged }: Node,
  rounds: number,
  latency: number,
): Promise<Comparison> {
  const ids = Array.from({ length: 10 }, (_, at) => 101 + at);
  const play = runs({ ids });
  const server = await listen(play, { latency });
  const base = `${server.url}/repos/${project}/actions/runs`;
  const requests = [
    { method: "GET", url: `${base}/${ids[0]!}` },
    ...ids.map((id) => ({ method: "POST", url: `${base}/${id}/cancel` })),
  ];
  const ours = [onGitHub(node, server.url, { ids: ids.join() })];
  const baselines = [
    fetching(node, requests, { name: "fetch, one after the other" }),
    ...(hasProgram("curl") ? [curl(requests)] : []),
  ];
  const timings = await compare([...ours, ...baselines], rounds, server, () => {
    play.reset();
  });
  await server.close();
  return table(timings, {
    what: `ten runs at ${latency} ms on Node ${version}`,
    ours,
    baselines,
    figure: ({ whole }) => whole,
    most: judged && latency > 0 ? 1 : undefined,
  });
}

function table(
  timings: ReadonlyMap<string, readonly Timing[]>,
  { what, ours, baselines, figure, most }: Table,
): Comparison {
  const ratio = (all: readonly Timing[], base: readonly Timing[]): number => {
    const some = [...all, ...base].some((timing) => Number.isNaN(figure(timing)));
    const pick = some ? ({ whole }: Timing) => whole : figure;
    return pairedRatio(all.map(pick), base.map(pick));
  };
  const rows: Row[] = [...timings].map(([name, all]) => ({
    name,
    first: median(all.map(({ first }) => first)),
    cpu: median(all.map(({ cpu }) => cpu)),
    whole: median(all.map(({ whole }) => whole)),
    ratios: Object.fromEntries(baselines.map((base) => [base.name, ratio(all, timings.get(base.name)!)])),
  }));
  const findings: Finding[] = rows
    .filter(({ name }) => ours.some((program) => program.name === name))
    .map(({ name, ratios }) => ({
      what: `${what}, ${name} / ${baselines[0]!.name}`,
      value: ratios[baselines[0]!.name]!,
      unit: "",
      ...(most !== undefined && { most }),
    }));
  return { rows, findings };
}

/** What stands between a job and the vendor at many companies: a proxy, and an authority of their own. */
export async function measureWays({ path: node, version }: Node, rounds: number): Promise<Finding[]> {
  const play = runs();
  const server = await listen(play, { tls: true });
  const proxy = await tunnel();
  const more = trusting(true);
  const programs = [
    onGitLab(node, server.url, { more, name: "direct" }),
    // What is on this machine by its address is never asked through a proxy.
    onGitLab(node, server.url.replace("127.0.0.1", "gitlab.test"), {
      more: { ...more, HTTPS_PROXY: proxy.url },
      name: "proxied",
    }),
    bare(node),
    { ...bare(node), name: "trusting", env: { ...bare(node).env, ...more } },
  ];
  const timings = await compare(programs, rounds, undefined, () => {
    play.reset();
  });
  await server.close();
  proxy.close();
  const whole = (name: string): number[] => timings.get(name)!.map((timing) => timing.whole);
  return [
    {
      what: `one confirmed cancel through a proxy / without one, on Node ${version}`,
      value: pairedRatio(whole("proxied"), whole("direct")),
      unit: "",
    },
    {
      what: `node -e 0 with NODE_EXTRA_CA_CERTS / without it, on Node ${version}`,
      value: pairedRatio(whole("trusting"), whole("node -e 0")),
      unit: "",
    },
    {
      what: `tunnels of one confirmed cancel through a proxy, on Node ${version}`,
      value: proxy.tunnels() / (rounds + 1),
      unit: "",
      most: 1,
      counted: true,
    },
  ];
}

/** Start with few providers beside start with all. */
export async function measureProviders({ path: node, judged }: Node, rounds: number, few: string): Promise<Finding> {
  const server = await listen(runs({ over: true }));
  const programs = [
    onGitLab(node, server.url, { program: bundle, name: "all" }),
    onGitLab(node, server.url, { program: few, name: "few" }),
  ];
  const timings = await compare(programs, rounds, server);
  await server.close();
  const first = (name: string): number[] => timings.get(name)!.map((timing) => timing.first);
  return {
    what: "start with all providers / with four",
    value: pairedRatio(first("all"), first("few")),
    unit: "",
    ...(judged && { most: 1.05 }),
  };
}
