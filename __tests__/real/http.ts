/** Our own way to a server, beside the one that is tested. */
export interface Reply {
  readonly status: number;
  /** Parsed, where it is JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface Asked {
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `ask("POST http://…", …)`; no redirect is followed. */
export async function ask(route: string, { body, headers = {} }: Asked = {}): Promise<Reply> {
  const [method = "GET", url = ""] = route.split(" ");
  const type = typeof body === "object" ? { "content-type": "application/json" } : {};
  const reply = await fetch(url, {
    method,
    redirect: "manual",
    headers: { accept: "application/json", ...type, ...headers },
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: parsed(text), headers: reply.headers };
}

/** As `ask`, for what must go well. */
export async function have(route: string, asked: Asked = {}): Promise<Reply["body"]> {
  const { status, body } = await ask(route, asked);
  if (status >= 300) throw new Error(`${route}: ${status} ${JSON.stringify(body)}`);
  return body;
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
