import { MAX_DEPTH } from '../core/call.ts';
import { type ChatRequest, continuesAnswer } from '../core/chat.ts';
import type { Rejection } from '../core/decision.ts';
import { worstCost } from '../core/worst-cost.ts';
import type { GateContext, GateInput } from './context.ts';
import { answerLimit } from './cost.ts';
import { enumOf, takesLabel } from './schema-enum.ts';
import { asksForFields, findsFields, takesFields } from './schema-fields.ts';
import { asksForNumberOf, givesNumbers, isNumberEnough } from './schema-number.ts';
import type { GateSpoke } from './spoke.ts';
import { countWords, dollarWords } from './wording.ts';

type Check = (spoke: GateSpoke, context: GateContext) => string | undefined;

/**
 * What no estimate can make good, the gravest first. Each returns what is wrong as a predicate of
 * the spoke's name ("needs 5,210 tokens, holds 4,096"), or undefined.
 */
const CHECKS: readonly (readonly [Rejection['code'], Check])[] = [
  ['label', checkLabel],
  ['depth', checkDepth],
  ['modality', checkModality],
  ['tools', checkTools],
  ['schema', checkSchema],
  ['context-length', checkContext],
  ['memory', checkMemory],
  ['not-installed', checkInstalled],
  ['health', checkHealth],
  ['budget', checkBudget],
  ['no-evidence', checkEvidence],
  ['not-suited', checkGrounding],
];

/** The first hard reason why a spoke cannot serve; undefined when it can. */
export function hardRejection(spoke: GateSpoke, context: GateContext): Rejection | undefined {
  for (const [code, check] of CHECKS) {
    const reason = check(spoke, context);
    if (reason !== undefined) return { id: spoke.id, code, reason };
  }
  return undefined;
}

/** Fails closed: a destination that policy did not judge gets nothing. */
function checkLabel(spoke: GateSpoke, { input }: GateContext): string | undefined {
  const { verdict } = input;
  const judged = verdict.destinations.find((one) => one.destination === spoke.destination);
  if (judged?.allowed) return undefined;
  const reason = judged?.reason ?? `policy gave no verdict on ${spoke.destination}`;
  return `may not receive data labelled ${verdict.label}: ${reason}`;
}

function checkDepth(spoke: GateSpoke, { input }: GateContext): string | undefined {
  if (spoke.kind !== 'hub' || input.depth < MAX_DEPTH) return undefined;
  return `may not plan at depth ${input.depth}, the limit is ${MAX_DEPTH}`;
}

function checkModality(spoke: GateSpoke, context: GateContext): string | undefined {
  if (!spoke.continues && continuesAnswer(context.input.request))
    return 'cannot go on from the beginning of an answer, which the request gives';
  const { images } = context.surface.features;
  const audio = countAudio(context.input.request);
  if (audio > 0)
    return `cannot hear, the request has ${audio} audio ${audio > 1 ? 'parts' : 'part'}`;
  if (images === 0 || spoke.vision) return undefined;
  return `cannot see, the request has ${images} ${images > 1 ? 'images' : 'image'}`;
}

function countAudio(request: ChatRequest): number {
  let count = 0;
  for (const message of request.messages) {
    for (const part of message.content) if (part.type === 'audio') count += 1;
  }
  return count;
}

function checkTools(spoke: GateSpoke, { input }: GateContext): string | undefined {
  const { tools, toolChoice } = input.request;
  const count = tools?.length ?? 0;
  if (count === 0 || toolChoice === 'none' || spoke.tools) return undefined;
  return `cannot call tools, the request offers ${count}`;
}

/** A schema binds the tokens of one answer: of a plan or of cited sentences it cannot. */
function checkSchema(spoke: GateSpoke, { input }: GateContext): string | undefined {
  const { responseFormat: format, choiceCount = 1 } = input.request;
  if (spoke.kind === 'hub' && choiceCount > 1)
    return `joins one answer out of its steps, the request asks for ${choiceCount}`;
  if (format === undefined || format.type === 'text') return undefined;
  if (spoke.output === 'calculation')
    return 'answers with a calculation, the request asks for JSON';
  if (spoke.kind === 'chat') return undefined;
  if (spoke.kind === 'grounded') return 'writes cited sentences, the request asks for JSON';
  if (spoke.kind === 'hub') return 'joins the answers of several spokes, the request asks for JSON';
  if (givesNumbers(spoke)) {
    const fits = isNamedClassifier(input) ? isNumberEnough(format) : asksForNumberOf(spoke, format);
    return fits ? undefined : 'gives a number, the request asks for other JSON';
  }
  if (findsFields(spoke)) {
    const isAnswered = isNamedClassifier(input) ? takesFields : asksForFields;
    return isAnswered(spoke, format)
      ? undefined
      : `finds ${spoke.labels?.join(', ')}, the request asks for other JSON`;
  }
  const fits = isNamedClassifier(input) ? takesLabel(format) : hasLabels(spoke, enumOf(format));
  return fits ? undefined : 'gives a label, the request asks for other JSON';
}

/** Who names a classifier wants a text sorted, whatever the text looks like. */
export function isNamedClassifier({ request, spokes }: GateInput): boolean {
  const [only] = spokes;
  return spokes.length === 1 && only?.kind === 'classifier' && only.id === request.model;
}

/** Whether the wanted choices are the classifier's labels, in any order. */
export function hasLabels(spoke: GateSpoke, wanted: readonly string[] | undefined): boolean {
  const labels = new Set(spoke.labels);
  return (
    wanted !== undefined &&
    labels.size > 0 &&
    new Set(wanted).size === labels.size &&
    wanted.every((label) => labels.has(label))
  );
}

function checkContext(spoke: GateSpoke, { input }: GateContext): string | undefined {
  const needed = input.promptTokens + answerRoom(spoke, input);
  if (needed <= spoke.contextLength) return undefined;
  return `needs ${countWords(needed)} tokens, holds ${countWords(spoke.contextLength)}`;
}

/** Tokens that must be free for an answer; a longer limit is cut to what is left of the context. */
const LEAST_ANSWER = 256;

/** A classifier writes one label, whatever the request allows. */
function answerRoom(spoke: GateSpoke, { request }: GateInput): number {
  return spoke.kind === 'classifier' ? 0 : Math.min(LEAST_ANSWER, answerLimit(request, spoke));
}

function checkMemory(spoke: GateSpoke): string | undefined {
  if (spoke.fits) return undefined;
  return `does not fit into the memory budget${spoke.problem ? `: ${spoke.problem}` : ''}`;
}

function checkInstalled(spoke: GateSpoke): string | undefined {
  if (spoke.installed) return undefined;
  return `is not installed${spoke.problem ? `: ${spoke.problem}` : ` (model ${spoke.modelId})`}`;
}

function checkHealth(spoke: GateSpoke): string | undefined {
  if (!spoke.healthy) return `is out of order: ${spoke.problem ?? 'no reason was given'}`;
  const { price = { input: 0, output: 0 } } = spoke;
  const figures =
    spoke.secondsPerPromptToken +
    spoke.secondsPerToken +
    spoke.loadSeconds +
    spoke.dollarsPerSecond +
    price.input +
    price.output;
  return Number.isFinite(figures) ? undefined : 'is out of order: its speed or price is no number';
}

/** Counts the longest answer that is allowed, so that a promise of money is kept. */
function checkBudget(spoke: GateSpoke, { input }: GateContext): string | undefined {
  // Budgets are money for others; what this machine costs is shown, not limited.
  if (input.budgetLeft === undefined || spoke.destination === 'local') return undefined;
  const worst = worstCost(spoke, input.request, input.mostPromptTokens);
  if (worst <= input.budgetLeft) return undefined;
  return `may cost ${dollarWords(worst)}, the budget has ${dollarWords(input.budgetLeft)} left`;
}

/** Below this the best passage is about something else. */
const EVIDENCE_USABLE = 0.3;

function checkEvidence(spoke: GateSpoke, { input }: GateContext): string | undefined {
  const { evidence } = input;
  if (spoke.kind !== 'grounded' || evidence?.required) return undefined;
  if (evidence === undefined) return 'answers only from documents, and none were searched';
  if (evidence.strength >= EVIDENCE_USABLE) return undefined;
  return `answers only from documents: the best passage of ${evidence.collection} matches ${evidence.strength.toFixed(2)}, ${EVIDENCE_USABLE.toFixed(2)} is needed`;
}

/** Who asks for a collection gets an answer from it or none. */
function checkGrounding(spoke: GateSpoke, { input }: GateContext): string | undefined {
  if (!input.evidence?.required || spoke.kind === 'grounded') return undefined;
  return `does not cite, the answer must come from ${input.evidence.collection}`;
}
