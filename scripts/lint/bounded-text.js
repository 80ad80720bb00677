/**
 * A pattern may run longer than the text is long. Where it may, the text must have been cut to a fixed length first: by `head`, or by
 * `oneLine`. What providers read has been cut where it came in: the strings of a reply in the client, ids and addresses in the engine.
 */
const ofText = new Set(["match", "matchAll", "replace", "replaceAll", "search", "split"]);
const cuts = new Set(["head", "oneLine"]);

/** Whether a pattern takes no longer than in proportion to the text, as far as can be seen: when in doubt it does. */
export function isLinear(source, flags = "") {
  const tokens = source.match(/\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[^]/g) ?? [];
  const loops = tokens.flatMap((token, at) => (token === "*" || token === "+" || /^\{\d+,\}$/.test(token) ? [at] : []));
  const [loop] = loops;
  if (loop === undefined) return true;
  const looped = tokens[loop - 1];
  if (loops.length > 1 || looped === ")") return false;
  // Nothing behind the loop can fail.
  if (tokens.slice(loop + 1).every((token) => token === ")" || token === "?")) return true;
  if (hasChoices(tokens)) return false;
  if (tokens[0] === "^") return !flags.includes("m");
  // It begins with a character that the loop stops at, so no two tries go over the same text.
  const [, first] = /^\\?([^\w\s([\\.])/.exec(tokens[0]) ?? [];
  return first !== undefined && !new RegExp(looped).test(first);
}

/** Alternatives of the whole pattern, of which the first alone may be anchored. */
function hasChoices(tokens) {
  let depth = 0;
  return tokens.some((token) => {
    if (token === "(") depth++;
    if (token === ")") depth--;
    return token === "|" && depth === 0;
  });
}

/** @type {import("eslint").Rule.RuleModule} */
export const boundedText = {
  meta: {
    type: "problem",
    schema: [],
    messages: { cut: "This pattern may run long: give it `head(text)`, which is of a fixed length." },
  },
  create(context) {
    /** A pattern in a constant of the file is known, any other is not. */
    function patternOf(node) {
      if (node?.type === "Literal" && "regex" in node) return node.regex;
      if (node?.type !== "Identifier") return undefined;
      for (let scope = context.sourceCode.getScope(node); scope; scope = scope.upper) {
        const [definition] = scope.set.get(node.name)?.defs ?? [];
        if (definition) return definition.parent?.kind === "const" ? patternOf(definition.node.init) : undefined;
      }
      return undefined;
    }

    const isText = (node) =>
      ["Literal", "TemplateLiteral", "ArrowFunctionExpression"].includes(node?.type) && !("regex" in node);
    const isCut = (node) => node?.type === "CallExpression" && cuts.has(node.callee.name);

    function check(node, pattern, text) {
      const regex = patternOf(pattern);
      if (!isCut(text) && !(regex && isLinear(regex.pattern, regex.flags))) context.report({ node, messageId: "cut" });
    }

    return {
      CallExpression(node) {
        const { callee, arguments: given } = node;
        if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
        const { name } = callee.property;
        if (name === "test" || name === "exec") check(node, callee.object, given[0]);
        // A text or what may be one is looked for as it is.
        else if (
          ofText.has(name) &&
          given.length > 0 &&
          !isText(given[0]) &&
          (patternOf(given[0]) || given[0].type === "NewExpression")
        )
          check(node, given[0], callee.object);
      },
    };
  },
};
