/** The published schema of the report, against which every report of the tests is held. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

// Tests are run from the root of the repository, compiled or not.
const file = join(process.cwd(), "docs/report.schema.json");
const validate = new Ajv2020({ allErrors: true, validateFormats: false, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(file, "utf8")) as object,
);

/** Throws unless the report, parsed, is as docs/report.schema.json says. */
export function checkReport(report: unknown): void {
  if (validate(report)) return;
  const wrong = (validate.errors ?? []).map(({ instancePath, message = "", params }) => {
    return `${instancePath || "/"} ${message} ${JSON.stringify(params)}`;
  });
  throw new Error(
    `A report that docs/report.schema.json does not allow: ${wrong.join("; ")}\n${JSON.stringify(report)}`,
  );
}
