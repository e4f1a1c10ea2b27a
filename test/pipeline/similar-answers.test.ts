import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCertificates } from '../../src/compose/certificates.ts';
import { parseConfig } from '../../src/core/config.ts';
import { receiptOf, shownText } from './readings.ts';
import { ANYONE, ask, openWorld } from './scripted-parts.ts';

const CERTIFICATE = {
  version: 1,
  embedder: 'bge-small',
  threshold: 0.95,
  bound: 0.01,
  confidence: 0.95,
  pairs: 1000,
  hits: 700,
  falseHits: 0,
  recall: 0.5,
  data: 'a'.repeat(64),
  madeAt: '2026-11-26T00:00:00Z',
};
const SPOKE = { id: 'small', model: 'smollm2-135m-instruct-q4_1', sampling: { temperature: 0 } };
const SHARING = { cache: { exact: true }, spokes: [{ ...SPOKE, similarAnswers: 'small.json' }] };

/** Questions that say `pump` are all but equal, any other is far from all. */
function embed(texts: readonly string[]): Promise<Float32Array[]> {
  let far = 0;
  return Promise.resolve(
    texts.map((text) => {
      if (text.includes('pump')) return Float32Array.of(1, 0, 0);
      far += text.length;
      return Float32Array.of(0, Math.cos(far), Math.sin(far));
    }),
  );
}

const openSimilar = () =>
  openWorld({
    models: { small: (turn) => [`Answer ${turn}.`] },
    config: SHARING,
    embed,
    similar: new Map([['small', 0.95]]),
  });

describe('a spoke with a certificate', () => {
  it('gives the answer of a question that means the same', async () => {
    const world = await openSimilar();
    await ask(world, 'small', 'How heavy is the pump?', { id: 'req_1' });
    const like = await ask(world, 'small', 'What does the pump weigh?', { id: 'req_2' });
    expect(shownText(like)).toBe('Answer 0.');
    expect(receiptOf(like).cache).toMatchObject({
      kind: 'similar',
      receipt: 'req_1',
      similarity: 1,
    });
    expect(world.calls).toHaveLength(1);
  });

  it.each([
    ['other figures', 'How heavy are 2 pumps?', {}],
    ['another meaning', 'Who approves a trip?', {}],
    [
      'other rights',
      'What does the pump weigh?',
      { caller: { ...ANYONE, principals: ['public', 'x'] } },
    ],
    ['another label', 'What does the pump weigh?', { labelDeclared: 'personal' as const }],
    ['other settings', 'What does the pump weigh?', { request: { maxTokens: 9 } }],
    ['the wish for a fresh answer', 'What does the pump weigh?', { cache: 'refresh' as const }],
  ])('answers anew where there are %s', async (_what, text, options) => {
    const world = await openSimilar();
    await ask(world, 'small', 'How heavy is the pump?', { id: 'req_1' });
    const other = await ask(world, 'small', text, { id: 'req_2', ...options });
    expect(receiptOf(other).cache).toBeUndefined();
    expect(world.calls).toHaveLength(2);
  });

  it('and only that one: a request that lets the gate choose is answered', async () => {
    const world = await openSimilar();
    for (const [id, text] of [
      ['req_1', 'How heavy is the pump?'],
      ['req_2', 'What does the pump weigh?'],
    ] as const)
      await ask(world, 'auto', text, { id });
    expect(world.calls).toHaveLength(2);
  });
});

describe('without a certificate that holds, the farm does not start', () => {
  const settings = (file: string, config: object = SHARING) => {
    const home = mkdtempSync(join(tmpdir(), 'certificate-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    if (file !== '') writeFileSync(join(home, 'small.json'), file);
    return { config: parseConfig(config), home, environment: {} };
  };
  const read = (...args: Parameters<typeof settings>) => {
    const one = settings(...args);
    return readCertificates(one, one.config.spokes, 'bge-small');
  };

  it('takes one that holds', () => {
    expect(read(JSON.stringify(CERTIFICATE)).get('small')).toBe(0.95);
  });

  it.each([
    ['there is none', '', SHARING, 'cadre eval cache-threshold'],
    ['it is broken', '{', SHARING, 'is no certificate'],
    ['it promises nothing', JSON.stringify({ ...CERTIFICATE, bound: 1 }), SHARING, 'bound'],
    [
      'it is another embedder’s',
      JSON.stringify({ ...CERTIFICATE, embedder: 'x' }),
      SHARING,
      'embedder x',
    ],
    [
      'answers are not kept',
      JSON.stringify(CERTIFICATE),
      { spokes: SHARING.spokes },
      'cache.exact',
    ],
  ])('where %s', (_what, file, config, words) => {
    expect(() => read(file, config)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(words) }),
    );
  });
});
