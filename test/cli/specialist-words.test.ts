import { expect, it } from 'vitest';
import { cardLines, lineageLines } from '../../src/cli/specialist-words.ts';
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
