/** The page that explains an address, out of its parts and the vendors' files. */
import { createHash } from "node:crypto";
import { entriesOf } from "../../src/engine/catalog.ts";
import { providers } from "../../src/providers/all.ts";
import { published } from "../../src/published.ts";
import { clientsOf, levels } from "./clients.ts";
import { groups } from "./groups.ts";
import { knownCalls, levelOf } from "./levels.ts";
import { exampleOf } from "./steps.ts";

interface Parts {
  readonly html: string;
  readonly style: string;
  readonly script: string;
}

type Read = (path: string) => string | undefined;

export function sitePage({ html, style, script }: Parts, read: Read): string {
  if (/<\/script|<!--/i.test(script)) throw new Error("The script would end its own element.");
  // As a classic script it runs from a file, too, where browsers load no modules.
  const whole = `(async () => {\n"use strict";\n${script}\n})();\n`;
  const regions: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy(style, whole)}" />`,
    style: `<style>${style}</style>`,
    links: `<a href="https://github.com/${published.github}">Code and documentation</a>`,
    options: [...providers].map(([key, { name }]) => `<option value="${key}">${text(name)}</option>`).join("\n"),
    examples: examples(),
    vendors: vendors(read),
    levels: `<p class="quiet">Known by: what its calls were compared with, besides the vendor's documents. From best to weakest: ${levels.join(", ")}.</p>`,
    script: `<script>${whole}</script>`,
  };
  return Object.entries(regions).reduce((page, [name, content]) => {
    const marker = `<!-- generated: ${name} -->`;
    if (page.split(marker).length !== 2) throw new Error(`docs/site/index.html must hold "${marker}" once`);
    return page.replace(marker, () => content);
  }, html);
}

/** Nothing is loaded, and nothing is sent: https://www.w3.org/TR/CSP3/ */
function policy(style: string, script: string): string {
  const hash = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  return [
    "default-src 'none'",
    "connect-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "img-src data:",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "require-trusted-types-for 'script'",
  ].join("; ");
}

const entries = [...providers].map(
  ([key, provider]) => [key, provider, [...entriesOf(key, provider).values()]] as const,
);

/** Of each kind of run that has a page. */
function examples(): string {
  return entries
    .flatMap(([key, { name }, all]) =>
      all
        .filter(({ pastablePages }) => pastablePages.length > 0)
        .map((entry) => {
          const page = exampleOf(entry).page;
          return page === null
            ? ""
            : `<option value="${text(page)}" data-provider="${key}">${text(`${name}: ${entry.targetName}`)}</option>`;
        }),
    )
    .filter(Boolean)
    .join("\n");
}

function vendors(read: Read): string {
  return entries
    .map(([key, { name }, all]) => {
      const known = groups(all, (entry) => levelOf(knownCalls(entry, clientsOf(key, read))));
      const proof = [...known].map(([level, those]) =>
        known.size === 1 ? level : `${level}: ${those.map(({ targetName }) => targetName).join(", ")}`,
      );
      const link = `https://github.com/${published.github}/blob/main/docs/providers/${key}.md`;
      const forced = all.filter(({ force }) => force.length > 0).map(({ targetName }) => targetName);
      return [
        `<tr><th scope="row"><a href="${link}">${text(name)}</a> <code>${key}</code></th>`,
        `<td data-title="Stops">${text(all.map(({ targetName }) => targetName).join(", "))}</td>`,
        `<td data-title="Forced stop">${forced.length === 0 ? "no" : forced.length === all.length ? "yes" : text(forced.join(", "))}</td>`,
        `<td data-title="Known by">${text(proof.join("; "))}</td></tr>`,
      ].join("");
    })
    .join("\n");
}

const text = (raw: string): string =>
  raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
