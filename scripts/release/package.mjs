// Uploads dist/index.js to this project's package registry on GitLab, once for each version that is given: the components load it
// from there where the project is private. https://docs.gitlab.com/user/packages/generic_packages/#publish-a-single-file
import { readFileSync } from "node:fs";

const { CI_API_V4_URL: api, CI_PROJECT_ID: project, CI_JOB_TOKEN: token } = process.env;

for (const version of process.argv.slice(2)) {
  const address = `${api}/projects/${project}/packages/generic/cancel-run/${version}/index.js`;
  const body = readFileSync("dist/index.js");
  const { status } = await fetch(address, { method: "PUT", headers: { "job-token": token }, body, redirect: "error" });
  console.log(`${address} answered ${status}`);
  if (status < 200 || status > 299) process.exitCode = 1;
}
