import { describe, expect, it } from 'vitest';
import { BACKGROUND_SENTENCES } from '../../src/learn/background.ts';
import { textsToEmbed, toTrainingSet } from '../../src/learn/training-set.ts';
import { plainVector, tradeRows } from './training-rows.ts';

const rows = tradeRows(5, 1, ['bank', 'travel']);
const labels = ['bank', 'travel'];
const count = (input: Parameters<typeof toTrainingSet>[0]) =>
  toTrainingSet(input, labels).classes.filter((label) => label === labels.length).length;

describe('toTrainingSet', () => {
  it('adds the background as one more class behind the rows', () => {
    const set = toTrainingSet({ rows, source: '', seed: 1 }, labels);
    expect(set.classCount).toBe(3);
    expect([...set.classes.slice(0, 4)]).toEqual([0, 1, 0, 1]);
    expect(set.ngrams).toHaveLength(rows.length + BACKGROUND_SENTENCES.length + labels.length);
    expect(set.classes).toHaveLength(set.ngrams.length);
  });

  it('leaves out a background sentence that an example resembles', () => {
    const [sentence = ''] = BACKGROUND_SENTENCES;
    const own = [...rows, { text: sentence.toUpperCase(), label: 'bank' }];
    expect(count({ rows: own, source: '', seed: 1 })).toBe(BACKGROUND_SENTENCES.length - 1);
    const embedding = {
      embedder: 'plain',
      vectors: textsToEmbed(own).map((text) =>
        own.some((row) => row.text === text) || text === sentence
          ? plainVector(text)
          : new Float32Array(16),
      ),
    };
    const set = toTrainingSet({ rows: own, source: '', seed: 1, embedding }, labels);
    expect(set.vectors).toHaveLength(own.length + BACKGROUND_SENTENCES.length - 1 + labels.length);
    expect(count({ rows: own, source: '', seed: 1, embedding })).toBe(
      BACKGROUND_SENTENCES.length - 1,
    );
  });

  it('takes the words of a label for one more example of it, and none where it has no word', () => {
    const named = rows.map((row) => ({
      ...row,
      label: row.label === 'bank' ? 'lost_or_stolen-card' : '7',
    }));
    expect(textsToEmbed(named).at(-1)).toBe('lost or stolen card');
    const set = toTrainingSet({ rows: named, source: '', seed: 1 }, ['7', 'lost_or_stolen-card']);
    expect(set.nameCount).toBe(1);
    expect(set.classes.at(-1)).toBe(1);
  });

  it('refuses vectors that are not one per text', () => {
    const embedding = { embedder: 'plain', vectors: [new Float32Array(16)] };
    expect(() => toTrainingSet({ rows, source: '', seed: 1, embedding }, labels)).toThrow(
      /1 vectors/,
    );
  });

  it('has background sentences that differ from each other', () => {
    const distinct = new Set(BACKGROUND_SENTENCES.map((text) => text.toLowerCase()));
    expect(distinct.size).toBe(BACKGROUND_SENTENCES.length);
    expect(BACKGROUND_SENTENCES.length).toBeGreaterThan(200);
  });
});
