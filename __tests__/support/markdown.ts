/** The code that people copy out of a page. */
export interface Block {
  /** The line that it begins in, from 1. */
  readonly line: number;
  /** The heading that it stands below. */
  readonly heading: string;
  readonly text: string;
}

/** Every block of a language, without the indentation of the list that it stands in. */
export function blocksOf(markdown: string, language: string): Block[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, "gms");
  return [...markdown.matchAll(fence)].map(({ index, 1: indent = "", 2: text = "" }) => {
    const before = markdown.slice(0, index);
    return {
      line: before.split("\n").length + 1,
      heading: /.*^#+ (.+?)$/ms.exec(before)?.[1] ?? "",
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    };
  });
}
