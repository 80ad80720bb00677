// A stand-in for GitLab's API with one job, 4711 of acme/deploy, that runs until it is cancelled. Takes the port. Ends by itself: a
// runner with a plain shell lets what a job leaves behind go on.
import { createServer } from "node:http";

const path = "/api/v4/projects/acme%2Fdeploy/jobs/4711";
let status = "running";
let ending;

const server = createServer(({ method, url }, response) => {
  if (method === "POST" && url === `${path}/cancel`) status = "canceled";
  const isThere = url === "/" || url.startsWith(path);
  console.log(method, url, status);
  response.writeHead(isThere ? (method === "POST" ? 201 : 200) : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ id: 4711, name: "deploy", ref: "main", status }));
  endIn(status === "running" ? 60_000 : 3_000);
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => endIn(60_000));

function endIn(ms) {
  clearTimeout(ending);
  ending = setTimeout(() => {
    server.close();
    server.closeAllConnections();
  }, ms);
}
