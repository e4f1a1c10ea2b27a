import { type ChatRequest, type JsonValue, lastUserText, textOf } from '../core/chat.ts';
import type { ComparedAs } from '../core/shadow.ts';
import {
  asksNumber,
  choicesOf,
  concludedNumber,
  finalChoice,
  finalNumber,
  onlyNumber,
  plainWords,
} from './final-answer.ts';
import { parseJson } from './schema.ts';

export interface Likeness {
  readonly as: ComparedAs;
  /** 0 … 1: how much of the two is the same. */
  readonly agreement: number;
}

/** Longer answers are no labels. */
const LABEL_WORDS = 4;
const LABEL_LENGTH = 60;
/** Longer values of a field may say the same in other words. */
const VALUE_WORDS = 6;
const VALUE_LENGTH = 60;
/** Characters of a message that are read for its labels. */
const MOST_READ = 20_000;
/** Values of one JSON answer that are compared. */
const VALUES_MOST = 500;
const YES_NO = /^(yes|no|true|false)\b/;
const BARE_YES_NO = /^(yes|no|true|false)$/;
const CLOSE = 1e-6;

/**
 * Whether an answer says what the yardstick says, as far as that can be told without a person: the
 * same label, choice, number or JSON. The yardstick's form decides whether they are compared, never
 * whether they agree: pairs that agree would be counted more often otherwise, and a spoke look better
 * than it is. An answer of another form that does not even mention what the yardstick says says
 * something else; one that mentions it among more words is not compared, nor is free text.
 */
export function compareAnswers(
  request: Pick<ChatRequest, 'messages' | 'responseFormat'>,
  yardstick: string,
  other: string,
): Likeness | undefined {
  const isJson = request.responseFormat !== undefined && request.responseFormat.type !== 'text';
  if (isJson) return compareJson(yardstick, other);
  const prompt = lastUserText(request.messages);
  const choices = choicesOf(prompt);
  const letter = finalChoice(yardstick, choices);
  if (letter !== undefined) return compareChoice(choices, letter, other);
  const numberOf = asksNumber(prompt) ? concludedNumber : finalNumber;
  const number = numberOf(yardstick);
  return number === undefined
    ? compareLabel(request, yardstick, other)
    : compareNumber(number, numberOf(other) ?? onlyNumber(other), other);
}

/** Whether another answer can be compared with this one as the yardstick. */
export function isComparable(
  request: Parameters<typeof compareAnswers>[0],
  yardstick: string,
): boolean {
  return compareAnswers(request, yardstick, yardstick) !== undefined;
}

function alike(as: ComparedAs, isSame: boolean): Likeness {
  return { as, agreement: isSame ? 1 : 0 };
}

/** An answer whose form is not that of the yardstick. */
function mentioned(as: ComparedAs, wanted: string, other: string): Likeness | undefined {
  const isMentioned = wanted !== '' && asWords(other).includes(asWords(wanted));
  return isMentioned ? undefined : alike(as, false);
}

/** Letters and digits alone, each word between spaces. */
function asWords(text: string): string {
  return ` ${plainWords(text)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}

function compareChoice(
  choices: ReadonlyMap<string, string>,
  wanted: string,
  other: string,
): Likeness | undefined {
  const found = finalChoice(other, choices);
  if (found !== undefined) return alike('choice', wanted === found);
  return mentioned('choice', choices.get(wanted) ?? wanted, other);
}

function compareNumber(
  wanted: number,
  found: number | undefined,
  other: string,
): Likeness | undefined {
  if (found !== undefined)
    return alike('number', Math.abs(wanted - found) <= CLOSE * Math.max(1, Math.abs(wanted)));
  return mentioned('number', String(wanted), other.replaceAll(/(?<=\d),(?=\d)/g, ''));
}

/** A label is a short answer whose words the request gives, or yes and no. */
function compareLabel(
  { messages }: Pick<ChatRequest, 'messages'>,
  yardstick: string,
  other: string,
): Likeness | undefined {
  const wanted = labelOf(yardstick);
  if (wanted === undefined) return undefined;
  if (BARE_YES_NO.test(wanted)) {
    const found = YES_NO.exec(plainWords(other.slice(0, LABEL_LENGTH)))?.[1];
    return found === undefined
      ? mentioned('label', wanted, other)
      : alike('label', found === wanted);
  }
  const given = messages
    .filter(({ role }) => role === 'system' || role === 'user')
    .map(({ content }) => textOf(content).slice(-MOST_READ));
  if (!asWords(given.join('\n')).includes(asWords(wanted))) return undefined;
  const found = labelOf(other);
  return found === wanted ? alike('label', true) : mentioned('label', wanted, other);
}

function labelOf(answer: string): string | undefined {
  if (answer.length > 2 * LABEL_LENGTH) return undefined;
  const words = plainWords(answer);
  const isShort = words !== '' && words.length <= LABEL_LENGTH;
  return isShort && words.split(' ').length <= LABEL_WORDS ? words : undefined;
}

/**
 * The share of the values that both have in the same place (Dice: twice the common ones by all), with
 * lists in any order. Places where the yardstick holds free text are left out.
 */
export function compareJson(yardstick: string, other: string): Likeness | undefined {
  const wanted = parseJson(yardstick);
  const found = parseJson(other);
  if (wanted === undefined || found === undefined) return undefined;
  const [left, right] = [valuesOf(wanted), valuesOf(found)];
  if (left.length > VALUES_MOST || right.length > VALUES_MOST) return undefined;
  const free = new Set(left.flatMap(({ place, isFree }) => (isFree ? [place] : [])));
  const known = (values: readonly Leaf[]) => values.filter(({ place }) => !free.has(place));
  const [mine, his] = [known(left), known(right)];
  if (mine.length === 0) return undefined;
  const rest = new Map<string, number>();
  for (const { key } of his) rest.set(key, (rest.get(key) ?? 0) + 1);
  let common = 0;
  for (const { key } of mine) {
    const count = rest.get(key) ?? 0;
    if (count > 0) common += 1;
    rest.set(key, count - 1);
  }
  const isLabel = left.length === 1 && typeof left[0]?.value === 'string';
  const agreement = (2 * common) / (mine.length + his.length);
  return { as: isLabel ? 'label' : 'json', agreement };
}

interface Leaf {
  readonly place: string;
  readonly value: JsonValue;
  /** Place and value as they are compared. */
  readonly key: string;
  readonly isFree: boolean;
}

function valuesOf(value: JsonValue, place = ''): Leaf[] {
  if (Array.isArray(value)) {
    const parts = (value as readonly JsonValue[]).slice(0, VALUES_MOST + 1);
    return parts.flatMap((one) => valuesOf(one, `${place}[]`));
  }
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, one]) =>
      valuesOf(one, `${place}.${JSON.stringify(name)}`),
    );
  const words = typeof value === 'string' ? plainWords(value) : value;
  const isText = typeof words === 'string';
  const number = isText && /^-?\d+(\.\d+)?$/.test(words) ? Number(words) : words;
  const isFree = isText && (words.length > VALUE_LENGTH || words.split(' ').length > VALUE_WORDS);
  return [{ place, value, key: `${place}=${JSON.stringify(number)}`, isFree }];
}
