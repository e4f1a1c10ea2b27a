import { expect, it } from 'vitest';
import { citationLines } from '../../src/cli/answer-text.ts';
import { samplePassage } from '../record/samples.ts';

it('cuts a nearest passage between two words', () => {
  const passage = samplePassage(1, [1]);
  const sentences = passage.sentences.map((one) => ({ ...one, text: 'wordy '.repeat(50).trim() }));
  const nearest = [{ ...passage, sentences }];
  const lines = citationLines({ text: '', citations: [], abstained: { reason: 'no', nearest } });
  expect(lines.at(-1)).toMatch(/“(wordy )+…”$/);
});
