import { describe, expect, it } from 'vitest';
import type { LabelVote, TrafficText } from '../../src/core/labelling.ts';
import { queueRows } from '../../src/learn/label-queue.ts';
import { poolTexts } from '../../src/learn/traffic-rows.ts';
import { petRows } from '../fixtures/pet-rows.ts';

const vote = (label: string, source: LabelVote['source'] = 'judge'): LabelVote => ({
  label,
  source,
  at: 1,
});
const text = (id: string, words: string, ...votes: readonly LabelVote[]): TrafficText => ({
  id,
  at: 1,
  text: words,
  votes,
  denied: [],
});
const pets = petRows(3).map((row, at) =>
  text(`req_${String(at).padStart(3, '0')}`, row.text, vote(row.label)),
);
const labels = ['booking', 'feeding', 'vet'];
const queue = (texts: readonly TrafficText[], limit = 20) =>
  queueRows({ pools: poolTexts(texts, (one) => one), labels, limit, seed: 1 });

describe('the rows that a person should label', () => {
  it('asks first where sources disagree, and where a model that has not seen the row does', async () => {
    const disputed = text('req_a', 'the iguana has a rash', vote('vet'), vote('booking', 'answer'));
    const wrong = text('req_b', 'my dog needs a vaccination before we travel', vote('feeding'));
    const rows = await queue([...pets, disputed, wrong]);
    expect(rows.slice(0, 2).map(({ row, reason }) => [row, reason])).toEqual([
      ['req_a', 'its sources disagree'],
      ['req_b', 'the model says otherwise than its source'],
    ]);
    const proposed = rows[0]?.choices.map(({ label, sources }) => ({ label, sources }));
    expect(proposed).toEqual([
      { label: 'booking', sources: ['answer'] },
      { label: 'feeding', sources: [] },
      { label: 'vet', sources: ['judge'] },
    ]);
    for (const { choices } of rows)
      expect(choices.reduce((sum, one) => sum + (one.probability ?? 0), 0)).toBeCloseTo(1);
  });

  it('asks of texts that are alike one, and of none that a person labelled', async () => {
    const open = [
      text('req_a', 'where can the ferret sleep on a rainy day in autumn'),
      text('req_b', 'where can the ferret sleep on a rainy day in winter'),
    ];
    const rows = await queue([...pets, ...open], 200);
    const asked = rows.map((one) => one.row);
    expect(asked.filter((row) => row === 'req_a' || row === 'req_b')).toHaveLength(1);
    const said = text('req_c', 'where can the ferret sleep on a rainy day', vote('vet', 'human'));
    const after = await queue([...pets, ...open, said], 200);
    expect(after.some(({ row }) => ['req_a', 'req_b', 'req_c'].includes(row))).toBe(false);
  });

  it('is of the wanted length, the same each time, and asks without a model too', async () => {
    expect(await queue(pets, 7)).toHaveLength(7);
    expect(await queue(pets, 7)).toEqual(await queue(pets, 7));
    const bare = [text('req_a', 'a word'), text('req_b', 'quite another thing', vote('vet'))];
    const rows = await queue(bare);
    expect(rows.map((one) => one.reason)).toEqual([
      'nobody says a label',
      'nobody has confirmed it',
    ]);
    expect(rows[0]?.choices.map((one) => one.probability)).toEqual([null, null, null]);
  });
});
