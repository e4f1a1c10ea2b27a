import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Embed } from '../../src/verify/support.ts';
import { passagesOf, run } from './released.ts';

describe('CheckedRelease with evidence', () => {
  it('rejects an answer that only repeats the question, even where a document asks it too', async () => {
    const passages = passagesOf('Where are the spare keys kept?', 'They are in locker 99.');
    const question = 'Where are spare keys kept?';
    const echo = await run('Where are the spare keys kept? [1]', { passages, question });
    expect(echo.text).toBe('');
    expect(echo.rejects[0]).toMatchObject({
      check: 'answerable',
      detail: 'it repeats the question',
    });
    const told = await run('The seal kit has the part number HV-SK-17. [2]', {
      question: 'Which part number has the seal kit?',
    });
    expect(told.text).toContain('HV-SK-17');
  });

  it('takes the marks out and cites the sentence that carries the claim, whatever the mark said', async () => {
    const { text, citations } = await run('The seal kit has the part number HV-SK-17. [4]');
    expect(text).toBe('The seal kit has the part number HV-SK-17.');
    expect(citations.map((one) => one.sentence.number)).toEqual([2]);
    const [citation] = citations;
    expect(text.slice(citation?.answerStart, citation?.answerEnd)).toBe(
      'The seal kit has the part number HV-SK-17.',
    );
  });

  it('places citations of later sentences in the text that was shown', async () => {
    const { text, citations } = await run(
      'The pump weighs 84 kg [4]. The moon is made of green cheese [1]. The seal kit has the part number HV-SK-17 [2].',
    );
    expect(text).toBe('The pump weighs 84 kg. The seal kit has the part number HV-SK-17.');
    expect(citations.map((one) => text.slice(one.answerStart, one.answerEnd))).toEqual([
      'The pump weighs 84 kg.',
      'The seal kit has the part number HV-SK-17.',
    ]);
  });

  it('tells with each shown sentence what the threshold promises, and with none that it holds back', async () => {
    const promise = 'at most 5 % of the shown sentences unsupported, 90 % confidence';
    const answer = 'The pump weighs 84 kg [4]. The moon is made of green cheese [1].';
    const { pieces } = await run(answer, { promise });
    const details = pieces.flatMap((piece) => piece.checks.map((check) => check));
    expect(details.filter((check) => check.detail.includes(promise))).toMatchObject([
      { check: 'support', passed: true },
    ]);
    expect(details.some((check) => !check.passed)).toBe(true);
  });

  it.each([
    [
      'a number that no source has',
      'The pump must be serviced every 1,300 operating hours.',
      'numbers',
    ],
    [
      'a name that no source has',
      'The Halvard 300 pump is serviced in Berlin every 1,200 hours.',
      'names',
    ],
    ['a dropped negation', 'Children under twelve must touch the pump.', 'support'],
    ['something else', 'Cats sleep most of their lives on warm sofas.', 'support'],
    ['a decline', 'NOT IN DOCUMENTS', 'answerable'],
    ['a decline in other words', 'The documents do not mention the price.', 'answerable'],
  ])('rejects %s', async (_, answer, check) => {
    const { text, rejects } = await run(answer);
    expect(text).toBe('');
    expect(rejects[0]).toMatchObject({ check, passed: false, sentence: answer });
  });

  it('reads a short answer by the question', async () => {
    const question = 'How often must the pump be serviced?';
    const right = await run('every 1200 hours', { question });
    expect(right.citations[0]?.sentence.number).toBe(1);
    expect((await run('84 kg', { question })).text).toBe('');
    expect((await run('No.', { question: 'May children touch the pump?' })).text).toBe('');
  });

  it('rejects a true sentence that is beside the question', async () => {
    const { text, rejects } = await run('The pump weighs 84 kg without its base plate.', {
      question: 'Which lubricant fits the gearbox?',
    });
    expect(text).toBe('');
    expect(rejects[0]?.check).toBe('answerable');
  });

  it('quotes the sentences when a spoke writes nothing but their numbers', async () => {
    const { text, citations } = await run('[2]', {
      question: 'Which part number does the seal kit have?',
    });
    expect(text).toBe('The seal kit has the part number HV-SK-17.');
    expect(citations[0]?.sentence.number).toBe(2);
    const unknown = await run('[9]');
    expect(unknown).toMatchObject({ text: '', citations: [] });
    expect(unknown.rejects).toHaveLength(1);
  });

  it('judges “Yes.” together with the sentence after it', async () => {
    const { text, citations } = await run('Yes. The pump weighs 84 kg. [4]');
    expect(text).toBe('Yes. The pump weighs 84 kg.');
    expect(citations).toHaveLength(1);
  });

  it('drops what was said before', async () => {
    const { text, rejects } = await run(
      'The pump weighs 84 kg. The pump weighs 84 kg. The pump weighs 84 kg.',
    );
    expect(text.trim()).toBe('The pump weighs 84 kg.');
    expect(rejects.map((one) => one.check)).toEqual(['repetition', 'repetition']);
  });

  it('rejects an empty answer', async () => {
    expect((await run('')).rejects[0]?.check).toBe('truncation');
  });

  it('counts the milliseconds that text was held', async () => {
    const { heldMs } = await run(
      'The pump weighs 84 kg. The seal kit has the part number HV-SK-17.',
    );
    expect(heldMs).toBeGreaterThan(0);
  });

  it('asks the embedder once per evidence sentence', async () => {
    const seen: string[] = [];
    const embed: Embed = async (texts) => {
      seen.push(...texts);
      return texts.map(() => Float32Array.of(1, 0));
    };
    await run('The pump weighs 84 kg. The seal kit has the part number HV-SK-17.', { embed });
    expect(seen.filter((text) => text.includes('base plate'))).toHaveLength(1);
    expect((await run('The pump weighs 84 kg.', { embed: () => undefined })).text).not.toBe('');
  });

  it('goes by the words when the embedder fails', async () => {
    const embed: Embed = () => Promise.reject(new Error('gone'));
    expect((await run('The pump weighs 84 kg.', { embed })).text).toBe('The pump weighs 84 kg.');
  });
});

describe('CheckedRelease without evidence', () => {
  const options = { passages: [] };

  it('releases text unchanged, code too', async () => {
    const answer =
      'Here it is:\n\n```js\nconst a = 2 + 2 == 5;\n// 2 + 2 = 5\n```\n\nIt is wrong (1). See [2].\n';
    expect((await run(answer, options)).text).toBe(answer);
  });

  it('holds back a refusal or a wrong sum while another spoke may answer', async () => {
    expect((await run("I can't help with that.", options)).rejects[0]?.check).toBe('refusal');
    expect((await run('So 17 + 5 = 23.', options)).rejects[0]?.check).toBe('arithmetic');
  });

  it('shows and names them when nobody follows or something was shown', async () => {
    const last = await run('So 17 + 5 = 23.', { ...options, isLast: true });
    expect(last.text).toBe('So 17 + 5 = 23.');
    expect(last.pieces[0]?.checks[0]?.check).toBe('arithmetic');
    expect((await run('First we add. So 17 + 5 = 23.', options)).text).toContain('23');
  });
});

describe('what was released', () => {
  const sentence = fc.constantFrom(
    'The pump weighs 84 kg. [4] ',
    'The seal kit has the part number HV-SK-17 [2].\n',
    'The moon is made of cheese. ',
    'NOT IN DOCUMENTS ',
    'Yes. ',
    '[3] ',
    'It costs 99 euros! ',
    '\ud83d\ude00\u202e ',
  );

  it('is only ever added to, does not depend on the deltas, and is made of the answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sentence, { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (parts, size) => {
          const answer = parts.join('');
          const whole = await run(answer, {}, 10_000);
          const pieces = await run(answer, {}, size);
          expect(pieces.text).toBe(whole.text);
          for (const one of pieces.citations) {
            expect(one.answerStart).toBeLessThan(one.answerEnd);
            expect(one.answerEnd).toBeLessThanOrEqual(pieces.text.length);
          }
          expect(pieces.text).not.toContain('cheese');
          expect(pieces.text).not.toContain('99');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('survives a megabyte without a full stop', async () => {
    const { text } = await run('pump '.repeat(200_000), {}, 50_000);
    expect(text.length).toBeLessThanOrEqual(1_000_000);
  }, 20_000);
});
