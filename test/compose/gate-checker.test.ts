import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { fitOwnChecker } from '../../src/compose/gate-checker.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { openGateRoom } from '../../src/compose/gate-room.ts';
import { checkedProbability, SHIPPED_CHECKER, UNFITTED } from '../../src/verify/answer-checker.ts';
import { signsOf } from '../../src/verify/answer-signs.ts';

const MODELS = ['small', 'large'];
const LONG = Array.from({ length: 120 }, (_, at) => `word${at}`).join(' ');

/** On this farm long answers are wrong and hedging ones right, which nobody would guess. */
function lines(count: number, kind: 'signs' | 'answers' | 'noise', seed = 1): string {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const isLong = random() < 0.5;
    const right = kind === 'noise' ? random() < 0.5 : random() < (isLong ? 0.05 : 0.95);
    const answer = isLong ? LONG : 'maybe so';
    const part =
      kind === 'answers'
        ? { answers: { small: answer, large: null } }
        : { signs: { small: { length: isLong ? 5 : 1, hedging: isLong ? 0 : 1, other: 3 } } };
    return JSON.stringify({
      prompt: `Question number ${at} about ${at % 7}?`,
      task: 'question',
      scores: { small: Number(right), large: 1 },
      costs: { small: 1, large: 10 },
      ...part,
    });
  }).join('\n');
}

describe('an answer checker of the owner’s own', () => {
  it.each(['signs', 'answers'] as const)('is fitted from graded lines with %s', (kind) => {
    const own = fitOwnChecker(lines(400, kind), MODELS, 1);
    expect(own?.answers).toBe(400);
    const signs = (text: string) =>
      signsOf({ text, question: '', checks: [], prior: 0.5, task: 'question' });
    const checker = own?.checker ?? UNFITTED;
    expect(checkedProbability(checker, signs('maybe so'))).toBeGreaterThan(0.8);
    expect(checkedProbability(checker, signs(LONG))).toBeLessThan(0.2);
  });

  it.each([
    ['there are too few answers', lines(150, 'signs')],
    ['all are graded alike', lines(400, 'signs').replaceAll(/"small":[01],/g, '"small":1,')],
    ['no line has answers', lines(400, 'signs').replaceAll('"signs"', '"notes"')],
  ])('stays away where %s', (_, text) => {
    expect(fitOwnChecker(text, MODELS, 1)).toBeUndefined();
  });

  it('knows that its checks tell nothing where they do not', () => {
    const own = fitOwnChecker(lines(400, 'noise'), MODELS, 1);
    expect(own?.checker.power.tasks['question'] ?? 0).toBeLessThan(0.3);
  });

  it('comes into force with its gate, and the one that ships takes the place of a damaged one', () => {
    const home = mkdtempSync(join(tmpdir(), 'cadre-checker-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const wish = { home, alpha: 0.05, delta: 0.1, seed: 1, days: 90, now: Date.now() };
    const result = fitGateInHome({ ...wish, file: { text: lines(400, 'signs') } });
    expect(result).toMatchObject({ version: 1, checkedAnswers: 400 });
    const logged: string[] = [];
    const open = () =>
      openGateRoom(home, {
        clock: { now: Date.now },
        log: (line) => logged.push(line),
        spokeOf: () => undefined,
        withStarter: false,
      });
    const room = open();
    expect(room.inForce.checker).toBe(SHIPPED_CHECKER);
    room.choose(1);
    expect(room.inForce.checker?.source).toBe('400 graded answers of this farm');
    room.rollback();
    expect(room.inForce.checker).toBe(SHIPPED_CHECKER);
    writeFileSync(join(home, 'gate', '1', 'checker.json'), '{"version":1');
    room.choose(1);
    expect(room.inForce.checker).toBe(SHIPPED_CHECKER);
    expect(logged.join()).toContain('its answer checker is damaged');
  });
});
