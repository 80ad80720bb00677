import type { Rule } from "eslint";

export declare function isLinear(source: string, flags?: string): boolean;
export declare const boundedText: Rule.RuleModule;
