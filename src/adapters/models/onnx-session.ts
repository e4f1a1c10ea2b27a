import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { scaleToUnit } from '../../base/hashing.ts';
import { CadreError } from '../../core/errors.ts';
import type { EmbedKind, OnnxModelSpec } from './onnx-protocol.ts';

/** An embedding model in memory. */
export interface OnnxSession {
  /** The text's unit vector, the tokens that were read, and whether more stood there. */
  doEmbed(
    text: string,
    kind: EmbedKind,
  ): Promise<{
    readonly vector: Float32Array;
    readonly tokenCount: number;
    readonly isCut: boolean;
  }>;
  /** Unit vectors of the text's own tokens (tokens × dimensions), without marks and query prefix. */
  doReadTokens(text: string, kind: EmbedKind): Promise<Float32Array>;
  doClose(): Promise<void>;
}

/** UTF-16 units per token that are tokenised at most; an English token has about 4.5. */
const UNITS_PER_TOKEN = 16;
/** Of the begin and the end of a text. */
const MARKS = 2;

/**
 * Loads weights and tokenizer. Rejects with `model_unavailable` when a file is missing and with
 * `model_damaged` when the runtime refuses it.
 *
 * Every text runs alone: an int8 model takes the scale of its activations from the whole batch, so
 * that a text's vector would depend on its neighbours (measured with bge-small: cosine down to
 * .993 between the same text in two batches). Alone, equal texts have equal vectors; 256-token
 * passages are even 15–30 % faster than in batches of 4 and 8, short ones a third slower.
 */
export async function openOnnxSession(spec: OnnxModelSpec): Promise<OnnxSession> {
  for (const file of [spec.path, spec.tokenizerPath]) {
    if (!existsSync(file)) {
      throw new CadreError('model_unavailable', `model ${spec.id} lacks its file ${file}`);
    }
  }
  const { session, tokenizer } = await damagedWhenRefused(spec, async () => ({
    tokenizer: new Tokenizer(JSON.parse(await readFile(spec.tokenizerPath, 'utf8')), {}),
    session: await InferenceSession.create(spec.path, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      intraOpNumThreads: spec.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    }),
  }));
  const read = async (text: string, kind: EmbedKind) => {
    const whole = kind === 'query' ? spec.queryPrefix + text : text;
    const { ids, isCut } = tokenIds(tokenizer, whole, spec);
    const output = await session.run(feeds(session, ids));
    return { states: output[session.outputNames[0] ?? ''], tokenCount: ids.length, isCut };
  };
  const embed = async (text: string, kind: EmbedKind) => {
    const { states, tokenCount, isCut } = await read(text, kind);
    return { vector: pool(states, tokenCount, spec), tokenCount, isCut };
  };
  const prefixTokens = tokenizer.encode(spec.queryPrefix).ids.length - MARKS;
  const readTokens = async (text: string, kind: EmbedKind) => {
    const { states, tokenCount } = await read(text, kind);
    const first = 1 + (kind === 'query' ? Math.max(0, prefixTokens) : 0);
    return unitTokens(statesOf(states, tokenCount, spec), first, tokenCount - 1, spec);
  };
  await damagedWhenRefused(spec, () => embed('a', 'passage'));
  return { doEmbed: embed, doReadTokens: readTokens, doClose: () => session.release() };
}

async function damagedWhenRefused<T>(spec: OnnxModelSpec, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CadreError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError('model_damaged', `model ${spec.id} cannot be loaded: ${reason}`);
  }
}

function tokenIds(tokenizer: Tokenizer, text: string, spec: OnnxModelSpec) {
  const most = spec.maxTokens * UNITS_PER_TOKEN;
  const { ids } = tokenizer.encode(text.slice(0, most));
  if (ids.length <= spec.maxTokens) return { ids, isCut: text.length > most };
  return { ids: [...ids.slice(0, spec.maxTokens - 1), ids[ids.length - 1] ?? 0], isCut: true };
}

/** The model's inputs for one text; an input that it does not name is left out. */
function feeds(session: InferenceSession, ids: readonly number[]) {
  const shape = [1, ids.length];
  const given: Record<string, BigInt64Array> = {
    input_ids: BigInt64Array.from(ids, BigInt),
    attention_mask: new BigInt64Array(ids.length).fill(1n),
    token_type_ids: new BigInt64Array(ids.length),
  };
  const result: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const values = given[name];
    if (values === undefined) throw new Error(`unknown model input ${name}`);
    result[name] = new Tensor('int64', values, shape);
  }
  return result;
}

/** `states`: 1 × tokens × dimensions. The first token's state (cls) or the mean, of length 1. */
function pool(states: Tensor | undefined, tokenCount: number, spec: OnnxModelSpec): Float32Array {
  const size = spec.dimensions;
  const data = statesOf(states, tokenCount, spec);
  const vector = data.slice(0, size);
  if (spec.pooling === 'mean') {
    for (let token = 1; token < tokenCount; token += 1) {
      for (let at = 0; at < size; at += 1) {
        vector[at] = (vector[at] as number) + (data[token * size + at] as number);
      }
    }
  }
  scaleToUnit(vector);
  return vector;
}

function statesOf(
  states: Tensor | undefined,
  tokenCount: number,
  spec: OnnxModelSpec,
): Float32Array {
  const data = states?.data;
  if (data instanceof Float32Array && data.length === tokenCount * spec.dimensions) return data;
  throw new CadreError(
    'model_damaged',
    `model ${spec.id} gives [${states?.dims.join(', ')}], not [1, ${tokenCount}, ${spec.dimensions}]`,
  );
}

/** The tokens `first` … `end`, each scaled to length 1. */
function unitTokens(
  data: Float32Array,
  first: number,
  end: number,
  { dimensions }: OnnxModelSpec,
): Float32Array {
  const tokens = data.slice(first * dimensions, Math.max(first, end) * dimensions);
  for (let at = 0; at < tokens.length; at += dimensions)
    scaleToUnit(tokens.subarray(at, at + dimensions));
  return tokens;
}
