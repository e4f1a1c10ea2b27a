import type { ChatRequest } from '../core/chat.ts';
import type { Config } from '../core/config.ts';
import { isCleared, isLabel, type Label, stricterLabel } from '../core/label.ts';
import { plainText } from './plain-text.ts';
import { requestText } from './request-text.ts';
import { mayHold } from './screens.ts';
import { findShape, shapeTitle } from './shapes.ts';
import { foldWords, indexOfWord } from './words.ts';

type Rule = Config['policy']['rules'][number];

export interface LabelInput {
  readonly request: ChatRequest;
  /** What the caller declared; may raise the label, never lower it. */
  readonly declared?: Label;
  /** Label of the collection the request reads from. */
  readonly collectionLabel?: Label;
  readonly config: Pick<Config['policy'], 'defaultLabel' | 'rules'>;
}

export interface LabelFinding {
  readonly label: Label;
  /** Which rule, header or default gave the label; never the text that matched. */
  readonly reasons: readonly string[];
}

/** Label of what no scanner can read: it may show a person. */
const UNREAD_LABEL: Label = 'personal';

interface Piece {
  readonly where: string;
  readonly plain: string;
  /** For words; most farms have rules of shapes only. */
  readonly folded: () => string;
  readonly own: boolean;
}

/**
 * The most sensitive label that applies to a request: by the rules on every text in it (also of
 * tools and earlier answers), by what cannot be read, by its collection, by what the caller declared.
 * A rule below the default label lowers it only where the caller wrote all of the text himself:
 * nothing from a tool or a document makes a request less sensitive.
 */
export function labelRequest(input: LabelInput): LabelFinding {
  const { config, declared, collectionLabel } = input;
  const { pieces: texts, unread } = requestText(input.request);
  const pieces = texts.map(({ where, text, own }) => {
    const plain = plainText(text);
    let folded: string | undefined;
    return {
      where,
      plain,
      folded: () => {
        folded ??= foldWords(plain);
        return folded;
      },
      own,
    };
  });
  const found = labelByRules(pieces, config);
  let label = found.label;
  const reasons = [...found.reasons];
  const raise = (to: Label, reason: string) => {
    if (!isLabel(to)) {
      label = 'secret';
      reasons.push(`${reason} is no label`);
      return;
    }
    if (!isCleared(label, to)) reasons.push(`${reason}: ${to}`);
    label = stricterLabel(label, to);
  };
  if (unread.length > 0) raise(UNREAD_LABEL, `${unread[0]} cannot be read by rules`);
  if (collectionLabel !== undefined) raise(collectionLabel, 'the collection’s label');
  if (declared !== undefined) {
    const higher = label;
    raise(declared, 'the label the caller declared');
    if (isLabel(declared) && !isCleared(declared, higher))
      reasons.push(`the caller declared ${declared}, which lowers nothing`);
  }
  return { label, reasons };
}

function labelByRules(
  pieces: readonly Piece[],
  config: LabelInput['config'],
): { readonly label: Label; readonly reasons: readonly string[] } {
  const ownOnly = pieces.every((piece) => piece.own);
  const matched: { readonly label: Label; readonly reason: string }[] = [];
  for (const rule of config.rules) {
    const lowers = isCleared(config.defaultLabel, rule.label) && rule.label !== config.defaultLabel;
    if (lowers && !ownOnly) continue;
    const reason = matchOf(rule, pieces);
    if (reason !== undefined) matched.push({ label: rule.label, reason });
  }
  const [first, ...rest] = matched;
  if (first === undefined)
    return {
      label: config.defaultLabel,
      reasons: [`no rule matches; the default is ${config.defaultLabel}`],
    };
  const label = rest.reduce((strictest, one) => stricterLabel(strictest, one.label), first.label);
  const order = [...matched].sort((a, b) => Number(b.label === label) - Number(a.label === label));
  return { label, reasons: order.map((one) => one.reason) };
}

function matchOf(rule: Rule, pieces: readonly Piece[]): string | undefined {
  for (const piece of pieces) {
    const shape = rule.shapes.find(
      (one) => mayHold(one, piece.plain) && findShape(one, piece.plain) !== undefined,
    );
    if (shape !== undefined)
      return `rule \`${rule.name}\` (${rule.label}): ${shapeTitle(shape)} in ${piece.where}`;
    if (rule.words.some((word) => indexOfWord(piece.folded(), plainText(word)) !== -1))
      return `rule \`${rule.name}\` (${rule.label}): one of its words in ${piece.where}`;
  }
  return undefined;
}
