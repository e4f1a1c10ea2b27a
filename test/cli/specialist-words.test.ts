import { expect, it } from 'vitest';
import { cardLines, lineageLines, trialLines } from '../../src/cli/specialist-words.ts';
import type { GeneralistReport } from '../../src/core/generalist.ts';
import type { SpecialistLineage } from '../../src/core/specialist.ts';
import { draftOf } from '../fixtures/specialist-room.ts';

const beside = (generalist: GeneralistReport) => {
  const { report, ...draft } = draftOf(null);
  const manifest = { ...draft, version: 1, madeAt: 0, report: { ...report, generalist } };
  const lineage = { name: 'pets', live: 1, versions: [{ manifest, stage: 'live', moves: [] }] };
  return {
    card: cardLines('pets@1', manifest.report),
    lineage: lineageLines(lineage as unknown as SpecialistLineage),
  };
};

it('says in one line of card and lineage how a specialist stands beside the generalist', () => {
  const { card, lineage } = beside({
    model: 'large',
    rows: 40,
    accuracy: 0.35,
    ownAccuracy: 0.95,
    differenceLow: 0.45,
    differenceHigh: 0.75,
    msPerAnswer: 200,
  });
  const line =
    'beside large, told the labels, on 40 rows: 95.0 % against 35.0 % right, +60.0 points (95 %: +45.0 … +75.0), in 1/2,000 of its time';
  expect(card).toContain(line);
  expect(lineage).toContain(`1: ${line}`);
});

it('says why no generalist stands beside it', () => {
  const { card, lineage } = beside({ notAsked: 'no local chat model is installed that fits' });
  const line = 'no generalist beside it: no local chat model is installed that fits';
  expect(card).toContain(line);
  expect(lineage).toContain(`1: ${line}`);
});

it('says for which requests an adapter is chosen, and that it may be slower', () => {
  const { report } = draftOf(null);
  const generalist = {
    ...{ model: 'large', rows: 40, accuracy: 0.35, ownAccuracy: 0.95 },
    ...{ differenceLow: 0.45, differenceHigh: 0.75, msPerAnswer: report.msPerRequest / 2 },
  };
  const adapter = { ...report, rung: 'adapter', generalist };
  const card = cardLines('fields@1', {
    ...adapter,
    instructions: [{ place: 'system', length: 61, hash: 7, rows: 300, accuracy: 0.573 }],
  });
  expect(card.join('\n')).toMatch(
    /auto +chooses it for requests with the system text of its rows \(61 characters\): 57\.3 % of 300 such rows right/,
  );
  expect(card.join('\n')).toMatch(/beside large, shown examples, .* in 2\.0 times its time/);
  expect(cardLines('fields@1', adapter).join('\n')).toMatch(/auto +does not choose it/);
});

it('says how trials stand, until when, and why the last one ended', () => {
  const { report, ...draft } = draftOf(null);
  const versionOf = (version: number, rest: object) => ({
    manifest: { ...draft, version, madeAt: 0, report },
    ...rest,
  });
  const trial = {
    against: 1,
    since: Date.UTC(2026, 10, 20),
    share: 0.05,
    mode: 'guard',
    pairs: 4,
    difference: -1,
    left: { pairs: 50, difference: -1 },
  };
  const at = Date.UTC(2026, 10, 19);
  const back = { at, from: 'canary', to: 'candidate', by: 'farm', reason: 'worse' };
  const lineage = {
    name: 'pets',
    live: 1,
    versions: [
      versionOf(4, { stage: 'shadow', moves: [], standing: 'answers unseen' }),
      versionOf(3, { stage: 'canary', moves: [], trial }),
      versionOf(2, { stage: 'candidate', moves: [back] }),
      versionOf(1, { stage: 'live', moves: [{ ...back, from: 'candidate', to: 'live' }] }),
    ],
  } as unknown as SpecialistLineage;
  expect(lineageLines(lineage)).toContain('4: answers unseen');
  expect(trialLines(lineage)).toEqual([
    'pets@4: answers unseen',
    'pets@3: on trial with 5.0 % of the requests beside version 1 until 2026-11-27T00:00:00 at the latest: 4 graded answers, −25.0 points beside it; of 50 that nobody graded −2.0 points more were left as they are',
    'pets@2: 2026-11-19T00:00:00 canary → candidate: worse',
  ]);
});

it('says beside the time what a request takes of energy, where that is known', () => {
  const { report } = draftOf(null);
  const timeOf = (joules?: number) =>
    cardLines('pets@1', { ...report, ...(joules === undefined ? {} : { joules }) }).find((line) =>
      line.startsWith('time'),
    );
  expect(timeOf()).toBe('time         0.10 ms per request (n-grams)');
  expect(timeOf(0.0015)).toContain('(n-grams), about 1.5 mJ of energy (modelled)');
  expect(timeOf(42)).toContain(', about 42 J of energy (modelled)');
});
