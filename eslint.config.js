import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { boundedText } from "./scripts/lint/bounded-text.js";
import { importDirection } from "./scripts/lint/import-direction.js";

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
      // A vendor's JSON has any shape; `pick` is where it is read.
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
    // A command line has no reply; what is demonstrated is ours.
    files: ["src/engine/**/*.ts", "src/http/**/*.ts", "src/auth/**/*.ts", "src/hosts/**/*.ts", "src/*.ts"],
    plugins: { bounds: { rules: { "bounded-text": boundedText } } },
    rules: { "bounds/bounded-text": "error" },
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
    languageOptions: {
      globals: {
        ...{ console: "readonly", process: "readonly", fetch: "readonly" },
        ...{ setTimeout: "readonly", clearTimeout: "readonly" },
      },
    },
  },
);
