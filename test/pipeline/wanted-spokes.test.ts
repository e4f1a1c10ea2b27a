import { expect, it } from 'vitest';
import { wantedSpokes } from '../../src/stages/wanted-spokes.ts';
import { general, grounded, spoke, topics } from '../gate/farm.ts';

const candidate = { ...topics, id: 'topics@2' };
const all = [general, grounded, topics, candidate, spoke('backup')];
const named = (model: string) => wantedSpokes(model, all).named.map((one) => one.id);

it.each(['auto', 'auto:cheap', 'auto:best'])('%s chooses no version that is not live', (model) => {
  expect(named(model)).toEqual(['general', 'grounded', 'topics', 'backup']);
});

it('a version answers who names it', () => {
  expect(named('topics@2')).toEqual(['topics@2']);
  expect(named('topics')).toEqual(['topics']);
  expect(named('knowledge:handbook')).toEqual(['grounded']);
});
