import { spawn } from 'node:child_process';
import type { SliceRow } from './slices.ts';

/** 0 … 1: how right an answer is by its slice's metric. */
export async function gradeAnswer(row: SliceRow, answer: string): Promise<number> {
  switch (row.metric) {
    case 'letter':
      return firstLetter(answer) === row.gold.trim().toUpperCase() ? 1 : 0;
    case 'label':
      return answer.replace(/^"|"$/g, '').trim() === row.gold ? 1 : 0;
    case 'f1':
      return tokenF1(answer, row.gold) >= 0.5 ? 1 : 0;
    case 'gsm8k':
      return sameNumber(lastNumber(answer), row.gold.split('####')[1] ?? '') ? 1 : 0;
    case 'boxed':
      return sameMath(boxed(answer) ?? lastNumber(answer) ?? '', boxed(row.gold) ?? row.gold)
        ? 1
        : 0;
    case 'coverage':
      return coverage(answer, row.gold);
    case 'python':
      return (await passesTests(answer, row)) ? 1 : 0;
  }
}

function firstLetter(answer: string): string {
  return (/\b([A-J])\b/.exec(answer.replace(/"/g, ' ')) ?? [])[1] ?? '';
}

function normalise(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\b(a|an|the)\b/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .filter(Boolean);
}

/** Token-level F1 of SQuAD (Rajpurkar et al. 2016, section 6.1). */
function tokenF1(answer: string, gold: string): number {
  const given = normalise(answer);
  const wanted = normalise(gold);
  const left = new Map<string, number>();
  for (const token of wanted) left.set(token, (left.get(token) ?? 0) + 1);
  let common = 0;
  for (const token of given) {
    const count = left.get(token) ?? 0;
    if (count > 0) common += 1;
    left.set(token, count - 1);
  }
  return common === 0 ? 0 : (2 * common) / (given.length + wanted.length);
}

function lastNumber(answer: string): string | undefined {
  const marked = /####\s*\$?(-?[\d,]+(?:\.\d+)?)/.exec(answer)?.[1];
  return marked ?? answer.match(/-?\d[\d,]*(?:\.\d+)?/g)?.at(-1);
}

function sameNumber(given: string | undefined, gold: string): boolean {
  if (given === undefined) return false;
  return Math.abs(Number(given.replace(/,/g, '')) - Number(gold.replace(/[,\s$]/g, ''))) < 1e-6;
}

/** The content of the last \boxed{…}, braces balanced. */
function boxed(text: string): string | undefined {
  const start = text.lastIndexOf('\\boxed{');
  if (start < 0) return undefined;
  let depth = 1;
  let index = start + 7;
  const first = index;
  while (index < text.length && depth > 0) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    index += 1;
  }
  return text.slice(first, index - 1);
}

function sameMath(given: string, gold: string): boolean {
  const clean = (text: string) =>
    text
      .replace(/\\(?:left|right|!|,|;|text\{[^}]*\})|[\s$]/g, '')
      .replace(/\\dfrac|\\tfrac/g, '\\frac')
      .replace(/^\\?\$/, '')
      .replace(/\.$/, '');
  if (clean(given) === clean(gold)) return true;
  const numeric = [given, gold].map((text) => Number(text.replace(/[,$\s%]/g, '')));
  return numeric.every(Number.isFinite) && Math.abs((numeric[0] ?? 0) - (numeric[1] ?? 1)) < 1e-6;
}

/** Share of the wanted words that occur, by their first letters (Lin et al. 2020 count lemmas). */
function coverage(answer: string, gold: string): number {
  const given = normalise(answer);
  const wanted = normalise(gold);
  const covered = wanted.filter((word) =>
    given.some((token) => token.startsWith(word.length > 4 ? word.slice(0, -1) : word)),
  );
  return covered.length / wanted.length;
}

function codeOf(answer: string): string {
  const fenced = /```(?:python|py)?\s*\n([\s\S]*?)(?:```|$)/.exec(answer)?.[1];
  return fenced ?? answer;
}

/** Runs generated Python with its tests: isolated mode, 10 s, 512 MB, no output kept. */
async function passesTests(answer: string, row: SliceRow): Promise<boolean> {
  const code = codeOf(answer);
  const name =
    /def\s+(\w+)/.exec(row.slice === 'human_eval' ? row.prompt : code)?.[1] ?? 'candidate';
  const call = row.slice === 'human_eval' ? `\ncheck(${name})` : '';
  const head =
    'import resource; resource.setrlimit(resource.RLIMIT_AS, (536870912, 536870912))\nfrom typing import *\nimport math, re, collections, itertools, heapq\n';
  const child = spawn('python3', ['-I', '-'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${head}${code}\n${row.tests ?? ''}${call}\n`);
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (status) => resolve(status === 0));
  });
}
