import type { ChatRequest, JsonObject, JsonValue, TokenLogprob } from '../core/chat.ts';
import type { Classification } from '../core/classification.ts';
import type { ModelEvent } from '../core/ports.ts';
import { fieldsBySchema } from './fields-by-schema.ts';
import { gradeBySchema } from './grade-by-schema.ts';

/** The answer where no label fits. */
export const NO_LABEL = 'none of these';

/**
 * A classification as a model's answer: the label as text, or as JSON where the request asks for
 * JSON. By a schema the label goes into the first string property (one with an `enum` first), the
 * confidence into the first number property; without one the shape is `{"label", "confidence"}`. What
 * gives a number says it as text, or `{"score", "confidence"}`. Where log-probabilities are wanted, a
 * label that is said as text is one token, and the labels are its alternatives.
 */
export function answerByClassifier(
  classification: Classification,
  request: Pick<ChatRequest, 'responseFormat' | 'logprobs'>,
): readonly ModelEvent[] {
  const text = answerText(classification, request.responseFormat);
  return [
    { type: 'text', text, ...labelLogprobs(classification, request) },
    {
      type: 'ended',
      finishReason: 'stop',
      // A classifier reads and writes no tokens of a language model.
      usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
      promptMs: 0,
      generationMs: 0,
      ...(classification.label === null && classification.answer === undefined
        ? { isNone: true }
        : {}),
    },
  ];
}

/** Where no label fits, that is one more label, and the others share what is left. */
function labelLogprobs(
  { label, confidence, ranked, answer, grade }: Classification,
  { responseFormat, logprobs }: Pick<ChatRequest, 'responseFormat' | 'logprobs'>,
): { logprobs?: readonly TokenLogprob[] } {
  const isLabel = answer === undefined && grade === undefined;
  if (logprobs === undefined || !isLabel || (responseFormat?.type ?? 'text') !== 'text') return {};
  const others = label === null ? 1 - confidence : 1;
  const all = [
    ...(label === null ? [{ label: NO_LABEL, probability: confidence }] : []),
    ...ranked.map((one) => ({ ...one, probability: one.probability * others })),
  ].map((one) => ({ token: one.label, logprob: Math.log(Math.max(one.probability, 1e-9)) }));
  const [said] = all;
  if (said === undefined) return {};
  return { logprobs: [{ ...said, ...(logprobs > 0 ? { top: all.slice(0, logprobs) } : {}) }] };
}

function answerText(classification: Classification, format: ChatRequest['responseFormat']): string {
  const { answer, grade } = classification;
  if (answer !== undefined) {
    const shaped =
      format?.type === 'json-schema' ? fieldsBySchema(answer, format.schema) : undefined;
    return JSON.stringify(shaped ?? answer);
  }
  const confidence = Math.round(classification.confidence * 1000) / 1000;
  if (grade !== undefined && format?.type === 'json')
    return JSON.stringify({ score: grade.value, confidence });
  if (grade !== undefined && format?.type === 'json-schema')
    return JSON.stringify(gradeBySchema(grade, confidence, format.schema));
  if (format === undefined || format.type === 'text') return classification.label ?? NO_LABEL;
  if (format.type === 'json') return JSON.stringify({ label: classification.label, confidence });
  return JSON.stringify(bySchema(classification.label, confidence, format.schema));
}

function bySchema(label: string | null, confidence: number, schema: JsonObject): JsonValue {
  const allowed = schema['enum'];
  if (Array.isArray(allowed)) return fitting(label, allowed);
  if (schema['type'] === 'string') return label ?? NO_LABEL;
  const properties = Object.entries(asObject(schema['properties']));
  const target =
    properties.find(([, node]) => Array.isArray(asObject(node)['enum'])) ??
    properties.find(([, node]) => allowsType(node, 'string'));
  if (target === undefined) return { label, confidence };
  const [name, node] = target;
  const options = asObject(node)['enum'];
  const value = Array.isArray(options)
    ? fitting(label, options)
    : (label ?? (allowsType(node, 'null') ? null : NO_LABEL));
  const number = properties.find(([, one]) => allowsType(one, 'number'));
  return { [name]: value, ...(number ? { [number[0]]: confidence } : {}) };
}

/** The allowed value that is the label without case; for no label, the one that says so. */
function fitting(label: string | null, allowed: readonly JsonValue[]): JsonValue {
  const names = allowed.filter((one) => typeof one === 'string');
  const same = (wanted: string) => names.find((one) => one.toLowerCase() === wanted.toLowerCase());
  if (label !== null) return same(label) ?? label;
  if (allowed.includes(null)) return null;
  return same(NO_LABEL) ?? same('none') ?? same('other') ?? same('unknown') ?? NO_LABEL;
}

function allowsType(node: JsonValue, type: string): boolean {
  const declared = asObject(node)['type'];
  return Array.isArray(declared) ? declared.includes(type) : declared === type;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
