import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelEntry } from '../../src/core/catalogue.ts';

/** Words that the tiny model knows; their vectors are rows of one table. */
export const WORDS = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'find',
  ':',
  'red',
  'green',
  'car',
  'boat',
];
export const DIMENSIONS = 4;

/** Row `token` of the table: a 1 at two places, so that every word has its own direction. */
export function rowOf(token: number): number[] {
  const row = [0.1, 0.1, 0.1, 0.1];
  row[token % DIMENSIONS] = 1;
  row[Math.floor(token / DIMENSIONS) % DIMENSIONS] = -0.5;
  return row;
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
const number = (field: number, value: number) => [field * 8, ...varint(value)];
const block = (field: number, content: readonly number[]) => [
  field * 8 + 2,
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string) => block(field, [...Buffer.from(value)]);

function valueInfo(field: number, name: string, type: number, rank: readonly string[]): number[] {
  const shape = rank.flatMap((dimension) => block(1, text(2, dimension)));
  const tensor = [...number(1, type), ...block(2, shape)];
  return block(field, [...text(1, name), ...block(2, block(1, tensor))]);
}

/** An ONNX graph with one Gather: token ids in, their rows of a table out (onnx.proto3, IR 8). */
function gatherGraph(): Buffer {
  const values = new Float32Array(WORDS.flatMap((_, token) => rowOf(token)));
  const table = [
    ...number(1, WORDS.length),
    ...number(1, DIMENSIONS),
    ...number(2, 1),
    ...text(8, 'table'),
    ...block(9, [...new Uint8Array(values.buffer)]),
  ];
  const node = [
    ...text(1, 'table'),
    ...text(1, 'input_ids'),
    ...text(2, 'last_hidden_state'),
    ...text(4, 'Gather'),
  ];
  const graph = [
    ...block(1, node),
    ...text(2, 'tiny'),
    ...block(5, table),
    ...valueInfo(11, 'input_ids', 7, ['batch', 'sequence']),
    ...valueInfo(12, 'last_hidden_state', 1, ['batch', 'sequence', 'dimensions']),
  ];
  return Buffer.from([...number(1, 8), ...block(7, graph), ...block(8, number(2, 13))]);
}

function tokenizer(): string {
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const mark = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return JSON.stringify({
    version: '1.0',
    added_tokens: WORDS.slice(0, 4).map(special),
    normalizer: { type: 'BertNormalizer', lowercase: true, strip_accents: null },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [mark('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, mark('[SEP]')],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  });
}

/** The tiny model on disk with its catalogue entry. */
export class TinyOnnx {
  readonly folder = mkdtempSync(join(tmpdir(), 'cadre-onnx-'));

  constructor() {
    writeFileSync(join(this.folder, 'tiny.onnx'), gatherGraph());
    writeFileSync(join(this.folder, 'tokenizer.json'), tokenizer());
    writeFileSync(join(this.folder, 'broken.onnx'), 'this is no graph');
  }

  readonly locate = (file: { readonly name: string }): string => join(this.folder, file.name);

  entry(weights = 'tiny.onnx', pooling: 'cls' | 'mean' = 'mean', maxTokens = 8): ModelEntry {
    const file = (name: string) => ({
      name,
      bytes: 1,
      sha256: '0'.repeat(64),
      sources: ['file:/nowhere'],
    });
    return {
      id: `tiny-${pooling}-${weights}`,
      title: 'Tiny',
      licence: 'MIT',
      architecture: 'gather',
      format: 'onnx',
      parameters: WORDS.length * DIMENSIONS,
      contextLength: 8,
      capabilities: ['embed'],
      files: [file(weights), file('tokenizer.json')],
      embedding: { dimensions: DIMENSIONS, pooling, queryPrefix: 'find: ', maxTokens },
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
