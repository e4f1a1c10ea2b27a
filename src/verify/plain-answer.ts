import { parsedJson } from '../base/parsed-json.ts';

const FENCE = /^\s*```[\w+-]*[ \t]*\n([\s\S]*?)\n?```\s*$/;
const QUOTED = /^(["“”'«])([\s\S]*)(["“”'»])$/;

/** The answer without a fence or quotation marks around the whole of it. */
export function plainAnswer(answer: string): string {
  const inside = (FENCE.exec(answer)?.[1] ?? answer).trim();
  return QUOTED.exec(inside)?.[2]?.trim() ?? inside;
}

/** The JSON value that an answer is, fenced or not; undefined where it is none. */
export function jsonAnswer(answer: string): unknown {
  const text = (FENCE.exec(answer)?.[1] ?? answer).trim();
  return /^[[{]/.test(text) ? parsedJson(text) : undefined;
}

/** Lines that hold something, without space at their ends. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
