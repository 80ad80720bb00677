import { posix, relative, sep } from "node:path";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// Who may import what, within src/. The first row that matches a file speaks for it:
// `never` lists what it may not import at all, `only` what it may import and nothing else;
// "type:" in front means as a type only.
const directions = [
  { file: /^index\.ts$/, never: [] },
  { file: /^main\.ts$/, never: [/^index\.ts$/, /^demo\//] },
  // It starts the program as a user does, and reaches into no part of it.
  { file: /^demo\//, only: [/^demo\//, /^node:/, /^text\.ts$/, /^type:(clock|environment)\.ts$/] },
  { file: /^provider\.ts$/, only: [/^type:/] },
  {
    file: /^providers\/index\.ts$/,
    only: [/^providers\//, /^type:provider\.ts$/],
  },
  { file: /^providers\//, only: [/^kit\.ts$/, /^type:provider\.ts$/] },
  { file: /^kit\.ts$/, only: [/^type:provider\.ts$/] },
  {
    file: /^interface\.ts$/,
    never: [/^(index|main)\.ts$/, /^(engine|hosts|http|auth|demo)\//],
  },
  { file: /^engine\//, never: [/^(index|main)\.ts$/, /^(hosts|demo)\//] },
  {
    file: /^auth\//,
    never: [/^(index|main)\.ts$/, /^(engine|hosts|providers|demo)\//],
  },
  {
    file: /^http\//,
    never: [/^(index|main)\.ts$/, /^(engine|hosts|providers|demo)\//],
  },
  { file: /^hosts\//, never: [/^index\.ts$/, /^demo\//] },
];

const packages = [
  { name: /^undici(\/|$)/, at: /^http\//, where: "src/http" },
  { name: /^@actions\//, at: /^hosts\/github/, where: "src/hosts/github*" },
  {
    name: /^(node:)?(process|console)$/,
    at: /^(index\.ts$|hosts\/)/,
    where: "src/index.ts and src/hosts",
  },
  { name: /^node:/, at: /^/, where: "src" },
];

/** @type {import("eslint").Rule.RuleModule} */
const importDirection = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      direction: "src/{{from}} may not import {{to}}: see docs/architecture.md.",
      package: "Only {{where}} may import {{to}}.",
      unknown: "src may not import {{to}}: it is not a dependency of the bundle.",
    },
  },
  create(context) {
    const from = relative(`${import.meta.dirname}/src`, context.filename)
      .split(sep)
      .join("/");

    function check(node, isType) {
      const to = node?.value;
      if (typeof to !== "string") return;
      if (!to.startsWith(".")) {
        const known = packages.find(({ name }) => name.test(to));
        if (known === undefined) {
          context.report({ node, messageId: "unknown", data: { to } });
        } else if (!known.at.test(from)) {
          context.report({
            node,
            messageId: "package",
            data: { to, where: known.where },
          });
        }
      }
      const target = to.startsWith(".") ? posix.join(posix.dirname(from), to) : to;
      const row = directions.find(({ file }) => file.test(from));
      const named = [target, ...(isType ? [`type:${target}`] : [])];
      const matches = (patterns) => patterns.some((p) => named.some((n) => p.test(n)));
      if (row?.only ? !matches(row.only) : row && matches(row.never)) {
        const what = to.startsWith(".") ? `src/${target}` : to;
        context.report({
          node,
          messageId: "direction",
          data: { from, to: what },
        });
      }
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

const edgeOnly = "stays in src/index.ts and src/hosts; take what you need as an argument.";

export default defineConfig(
  globalIgnores(["dist/", "lib/", "coverage/", "__tests__/exchanges/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: "error",
      "func-style": ["error", "declaration", { allowArrowFunctions: true }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Export by name." }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // env["X"] says that X may not be there; env.X is allowed too.
      "@typescript-eslint/dot-notation": "off",
      // `||` is meant where an empty string counts as not given.
      "@typescript-eslint/prefer-nullish-coalescing": "off",
      // What was checked a line above is known to be there.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Texts are cut by code point, on purpose.
      "@typescript-eslint/no-misused-spread": "off",
      // It takes a getter or a private field that a call has changed for a constant.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // A vendor's JSON has any shape; `select` is where it is read.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          ignoreRestSiblings: true,
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
        },
      ],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { house: { rules: { "import-direction": importDirection } } },
    rules: { "house/import-direction": "error" },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/index.ts", "src/hosts/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "process", message: `process ${edgeOnly}` },
        { name: "console", message: `console ${edgeOnly}` },
      ],
      "no-restricted-properties": [
        "error",
        ...["globalThis", "global"].flatMap((object) =>
          ["process", "console"].map((property) => ({
            object,
            property,
            message: `${property} ${edgeOnly}`,
          })),
        ),
      ],
    },
  },
  {
    // Declares modules as their packages wrote them.
    files: ["**/*.d.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
  },
);
