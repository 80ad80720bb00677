/** Who may import what, within src/: the rule reads the picture in docs/architecture.md, so the two cannot differ. */
import { readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";

const root = join(import.meta.dirname, "../..");
const [, picture = ""] = /^Imports run one way.*?^```text\n(.*?)^```$/ms.exec(
  readFileSync(join(root, "docs/architecture.md"), "utf8"),
);

/** One line of the picture a part; what stands in parentheses is imported as a type only. */
const arrows = new Map(
  [...picture.matchAll(/^(\S.*?) +──▶ (.*(?:\n {2,}.*)*)/gm)].flatMap(([, parts, targets]) => {
    const [, types = ""] = /\(([^)]*)\)/.exec(targets) ?? [];
    const arrow = { values: words(targets.replace(/\([^)]*\)/, "")), types: words(types) };
    return words(parts).map((part) => [part, arrow]);
  }),
);

function words(text) {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** A part is a file, a folder, or a package. */
function isIn(part, path) {
  return path === part || path === `${part}.ts` || path.startsWith(`${part}/`);
}

/** @type {import("eslint").Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      direction: "src/{{from}} may not import {{to}}: see the picture in docs/architecture.md.",
      unknown: "src/{{from}} is in no part of the picture in docs/architecture.md.",
    },
  },
  create(context) {
    const from = relative(join(root, "src"), context.filename).split(sep).join("/");
    const [part] = [...arrows.keys()].filter((name) => isIn(name, from)).sort((a, b) => b.length - a.length);

    function check(node, isType) {
      const name = node?.value;
      if (typeof name !== "string") return;
      if (part === undefined) return context.report({ node, messageId: "unknown", data: { from } });
      const to = name.startsWith(".") ? posix.join(posix.dirname(from), name) : name;
      const { values, types } = arrows.get(part);
      const allowed = isType ? [...values, ...types] : values;
      if (!allowed.some((target) => isIn(target, to)))
        context.report({ node, messageId: "direction", data: { from, to: name.startsWith(".") ? `src/${to}` : to } });
    }

    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === "type"),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
    };
  },
};
