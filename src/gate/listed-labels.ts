import type { ChatRequest } from '../core/chat.ts';
import { listPlace } from './label-list.ts';
import type { GateSpoke } from './spoke.ts';

/** UTF-16 units of the instructions that are read: 150 labels with a line about each fit. */
const READ = 16_384;
/** Fewer labels, such as yes and no, are those of too many questions. */
const LEAST_LABELS = 3;

/** What a text is sorted into. */
const KIND = /\b(?:classif\w*|categor\w*|labels?|intents?|topics?|class(?:es)?|tags?)\b/;
/** How the clause begins that asks for a label. */
const ASKS =
  /^(?:please )?(?:(?:your|the) (?:task|job) is to |you (?:must |should |will |have to )?)?(?:classify|categori[sz]e|sort|assign|label|tag|route|which of)\b/;
/** The same, where the clause says what is to be found. */
const FINDS =
  /^(?:please )?(?:(?:your|the) (?:task|job) is to )?(?:determine|identify|decide|choose|pick|select|name|give|what|which)\b/;
const IS = /^you (?:are|act as) /;
const FORBIDS = /^(?:do not|don't|never|no)\b/;
/** Words by which more than the bare label is asked for, several of them, or another form of it. */
const MORE =
  /\b(?:json|xml|yaml|csv|explain\w*|explanation|reason\w*|justif\w*|why|sentences?|translat\w*|summar\w*|confidence|probabilit\w*|all|any|every|apply|multiple|several|more|least|up to|numbers?|digits?|letters?|upper\w*|lower\w*|cases?|format\w*|agent|then|also|reply to|answers? to)\b/;
/** Of these a clause may be made that says nothing else. */
const PLAIN: ReadonlySet<string> = new Set(
  `a an the this that these it its is are be of to in into as with for by from or
  you your will must should please here below above following given possible available valid exactly only just
  simply alone nothing else single one label labels category categories topic topics intent intents class classes
  tag tags option options list name names answer respond reply return output print give choose pick select use
  message messages text texts input user word words which best fits fit matches match`.split(/\s+/),
);

interface Instructions {
  readonly text: string;
  readonly words: ReadonlySet<string>;
  /** By the labels of a spoke. */
  readonly verdicts: Map<readonly string[], boolean>;
}

/**
 * Whether the instructions of a request list this classifier's labels, all as they are written and no
 * others, and ask for nothing but one of them: then the one message of the user is the text to sort, as it
 * is for the classifier. Each clause outside of the list must be known: one that asks for a label, says
 * who sorts, or consists of plain words of answering; an unknown one may ask for anything.
 */
export function listsLabels({ labels = [] }: GateSpoke, request: ChatRequest): boolean {
  if (labels.length < LEAST_LABELS) return false;
  const { text, words, verdicts } = instructionsOf(request);
  // A farm may have hundreds of specialists: nearly all are ruled out by a word.
  if (text === '' || !labels.every((label) => words.has(firstWord(label)))) return false;
  const known = verdicts.get(labels) ?? isLabelTask(text, labels);
  verdicts.set(labels, known);
  return known;
}

function isLabelTask(text: string, labels: readonly string[]): boolean {
  const place = listPlace(text, labels);
  if (place === undefined) return false;
  const clauses = `${text.slice(0, place.start)}\n${text.slice(place.end)}`
    .toLowerCase()
    .split(/[.!?\n;:,()]| and /)
    .map((clause) => clause.replace(/[^\p{L}\p{N}' -]/gu, '').trim())
    .filter((clause) => clause !== '');
  return clauses.some((clause) => KIND.test(clause) || ASKS.test(clause)) && clauses.every(isKnown);
}

function isKnown(clause: string): boolean {
  if (FORBIDS.test(clause) || clause.split(/[\s-]+/).every((word) => PLAIN.has(word))) return true;
  if (MORE.test(clause)) return false;
  if (ASKS.test(clause)) return true;
  return (FINDS.test(clause) || IS.test(clause)) && KIND.test(clause);
}

const readBefore = new WeakMap<ChatRequest, Instructions>();

/** `text` is '' where the request asks for another form than text, or goes on with a conversation. */
function instructionsOf(request: ChatRequest): Instructions {
  const known = readBefore.get(request);
  if (known !== undefined) return known;
  const { messages, responseFormat } = request;
  const isText = responseFormat === undefined || responseFormat.type === 'text';
  const isOne =
    messages.at(-1)?.role === 'user' &&
    messages.slice(0, -1).every(({ role }) => role === 'system');
  const text = isText && isOne ? systemText(request) : '';
  const read = { text, words: new Set(text.match(/[\p{L}\p{N}]+/gu)), verdicts: new Map() };
  readBefore.set(request, read);
  return read;
}

/** With one space between words; '' where it is longer than what is read. */
function systemText({ messages }: ChatRequest): string {
  let text = '';
  for (const { role, content } of messages) {
    if (role !== 'system') continue;
    for (const part of content) if (part.type === 'text') text += `${part.text}\n`;
    if (text.length > READ) return '';
  }
  return text.replace(/[^\S\n]+/g, ' ').replace(/ ?\n ?/g, '\n');
}

const firstWord = (label: string): string => label.match(/[\p{L}\p{N}]+/u)?.[0] ?? label;
