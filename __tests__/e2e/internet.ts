/**
 * The public servers that examples name, on this machine: programs come to them through a proxy, and trust a certificate that was
 * made for that. So an example is run with the addresses that stand in it.
 */
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";

export interface Internet {
  /** For a program, so that it finds these servers and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that were asked for and are not there. */
  readonly missing: readonly string[];
  close(): void;
}

/** Hosts, and what answers there. */
export type Sites = Readonly<Record<string, RequestListener>>;

export async function startInternet(checkout: string, scratch: string, sites: Sites): Promise<Internet> {
  const pem = readFileSync(join(checkout, "__tests__/faults/certificates/public-names.pem"), "utf8");
  const authority = join(scratch, "authority.pem");
  // Programs that were started before may be reading it.
  if (!existsSync(authority)) writeFileSync(authority, pem.slice(pem.lastIndexOf("-----BEGIN CERTIFICATE-----")));
  const secure = createSecureServer({ key: pem, cert: pem }, (request, response) => {
    const host = (request.headers.host ?? "").replace(/:443$/, "");
    const site = sites[host];
    if (site) site(request, response);
    else response.writeHead(421).end();
  });
  const missing: string[] = [];
  const tunnels = new Set<Socket>();
  // A name without TLS is not on this internet.
  const proxy = createServer((request, response) => {
    missing.push(request.url ?? "");
    response.writeHead(403).end();
  });
  proxy.on("connect", ({ url = "" }, socket: Socket, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const host = url.replace(/:443$/, "");
    if (!(host in sites)) {
      // act asks whether there is a newer one.
      if (host !== "api.nektosact.com") missing.push(url);
      // Final, unlike 502: nobody waits for it.
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    tunnels.add(socket);
    socket.on("close", () => tunnels.delete(socket));
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    secure.emit("connection", socket);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    env: {
      ...{ HTTPS_PROXY: address, https_proxy: address, HTTP_PROXY: address, http_proxy: address },
      // Go and curl; git; Node.js; npm, where its own settings name another file.
      ...{ SSL_CERT_FILE: authority, GIT_SSL_CAINFO: authority, NODE_EXTRA_CA_CERTS: authority },
      npm_config_cafile: authority,
    },
    missing,
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
      for (const socket of tunnels) socket.destroy();
    },
  };
}
