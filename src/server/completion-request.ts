import { type ChatRequest, type JsonObject, textPart } from '../core/chat.ts';
import {
  COUNT,
  parseChoiceCount,
  parseSampling,
  parseStreamOptions,
  SAMPLING_FIELDS,
  unknownFields,
} from './openai-fields.ts';
import {
  given,
  invalidField,
  isList,
  optionalBoolean,
  optionalNumber,
  optionalStops,
  requiredText,
} from './wire-fields.ts';

export interface WireCompletionRequest {
  /** One per prompt, in order; equal but for their message. */
  readonly requests: readonly ChatRequest[];
  readonly prompts: readonly string[];
  readonly model: string;
  /** Answers per prompt. */
  readonly choiceCount: number;
  readonly echo: boolean;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Each prompt is a request of its own that runs after the one before it. */
const MAX_PROMPTS = 64;
/** The dialect's own default and bound. */
const DEFAULT_TOKENS = 16;
const MAX_LOGPROBS = 5;

const KNOWN = new Set([
  ...SAMPLING_FIELDS,
  'model',
  'prompt',
  'suffix',
  'echo',
  'best_of',
  'n',
  'logprobs',
  'stop',
  'max_tokens',
  'stream',
  'stream_options',
  'cadre',
]);

/**
 * The body of POST /v1/completions. The spokes are chat models, so a prompt is asked as the only
 * message of a user; text cannot be filled in before a `suffix`, and the prompt's own tokens have no
 * log-probabilities. Rejects with `invalid_request` and the path of the field.
 */
export function parseCompletionBody(body: JsonObject): WireCompletionRequest {
  const stream = optionalBoolean(body, 'stream') ?? false;
  const echo = optionalBoolean(body, 'echo') ?? false;
  const logprobs = optionalNumber(body, 'logprobs', { min: 0, max: MAX_LOGPROBS, integer: true });
  if (echo && logprobs !== undefined)
    throw invalidField('logprobs', 'left out with `echo`: a prompt is read, not scored');
  const choiceCount = parseChoiceCount(body);
  refuseSuffix(body);
  refuseBestOf(body, choiceCount ?? 1);
  const model = requiredText(body, 'model');
  const prompts = parsePrompts(body);
  const shared = {
    model,
    sampling: parseSampling(body),
    maxTokens: optionalNumber(body, 'max_tokens', COUNT) ?? DEFAULT_TOKENS,
    ...given({
      stop: optionalStops(body['stop'], 'stop'),
      choiceCount,
      logprobs,
      extra: unknownFields(body, KNOWN),
    }),
  };
  return {
    requests: prompts.map((prompt) => ({
      ...shared,
      messages: [{ role: 'user' as const, content: textPart(prompt) }],
    })),
    prompts,
    model,
    choiceCount: choiceCount ?? 1,
    echo,
    stream,
    includeUsage: parseStreamOptions(body, stream),
  };
}

function parsePrompts(body: JsonObject): string[] {
  const value = body['prompt'];
  const list = isList(value) ? value : [value];
  if (list.length === 0 || list.length > MAX_PROMPTS)
    throw invalidField('prompt', `a string or a list of 1 to ${MAX_PROMPTS} strings`);
  return list.map((one, index) => {
    const path = isList(value) ? `prompt[${index}]` : 'prompt';
    if (typeof one === 'number' || isList(one))
      throw invalidField(path, 'text; lists of token numbers are not accepted');
    if (typeof one !== 'string' || one === '')
      throw invalidField(path, 'a string that is not empty');
    return one;
  });
}

function refuseSuffix(body: JsonObject): void {
  const { suffix } = body;
  if (suffix === undefined || suffix === null || suffix === '') return;
  throw invalidField('suffix', 'left out: no spoke fills in text between two ends');
}

/** Best of more than are shown would be paid for and thrown away; nobody here ranks them. */
function refuseBestOf(body: JsonObject, choiceCount: number): void {
  const best = optionalNumber(body, 'best_of', COUNT);
  if (best !== undefined && best !== choiceCount)
    throw invalidField('best_of', 'left out or equal to `n`');
}
