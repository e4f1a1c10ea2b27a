import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passagesOf, run } from './released.ts';

describe('the sentences that a released one cites', () => {
  it('are found anew: marks that are wrong, foreign, many or missing change nothing', async () => {
    const claims = [
      'The pump weighs 84 kg without its base plate.',
      'The seal kit has the part number HV-SK-17.',
    ];
    const marks = ['', ' [1]', ' [99]', ' [0]', ' [2-40]', ' [1, 2, 3, 4]', ' (3)', ' 【1】'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...marks), fc.constantFrom(...marks), async (one, two) => {
        const marked = `${claims[0]}${one} ${claims[1]}${two}`;
        const { text, citations } = await run(marked);
        expect(text.replace(/\s+/g, ' ').trim()).toBe(claims.join(' '));
        expect(citations.map(({ sentence }) => sentence.number)).toEqual([4, 2]);
      }),
      { numRuns: 64, seed: 20261127 },
    );
  });

  it('follow a mark only among sentences that carry the claim as well', async () => {
    const twice = passagesOf('The pump weighs 84 kg.', 'It is grey.', 'The pump weighs 84 kg.');
    const citedBy = async (mark: string) =>
      (await run(`The pump weighs 84 kg.${mark}`, { passages: twice })).citations.map(
        ({ sentence }) => sentence.number,
      );
    expect(await citedBy(' [3]')).toEqual([3]);
    expect(await citedBy(' [2]')).toEqual([1]);
    expect((await run('[7]')).text).toBe('');
  });

  it('checks a claim of a table row by its headers, and cites the row as the file has it', async () => {
    const [passage] = passagesOf('Codeine | 30 mg | 4', 'Ibuprofen | 400 mg | 3');
    if (passage === undefined) throw new Error('no passage');
    const spoken = ['Drug: Codeine; Dose: 30 mg; Times a day: 4', undefined] as const;
    const rows = passage.sentences.map((row, at) => ({
      ...row,
      ...(spoken[at] === undefined ? {} : { withHeaders: spoken[at] }),
    }));
    const claim = 'The dose of Codeine is 30 mg, 4 times a day.';
    const told = await run(claim, { passages: [{ ...passage, sentences: rows }] });
    expect(told.text).toBe(claim);
    expect(told.citations.map((one) => one.sentence.text)).toEqual(['Codeine | 30 mg | 4']);
    const bare = await run(claim, { passages: [passage] });
    const scoreOf = (one: typeof told) => one.pieces[0]?.checks[0]?.score ?? 0;
    expect(scoreOf(told)).toBeGreaterThan(scoreOf(bare));
  });
});
