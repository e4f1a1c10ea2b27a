import { expect, it } from 'vitest';
import { estimateTokens } from '../../src/stages/prompt-length.ts';
import { refuseTooLong } from '../../src/stages/route.ts';
import { wantedSpokes } from '../../src/stages/wanted-spokes.ts';
import { frontier, quick, spoke, topics } from '../gate/farm.ts';
import { callOf } from './scripted-parts.ts';

it('names the length that can be had now, not that of micro-models or what is absent', () => {
  const absent = spoke('absent', { contextLength: 8192, installed: false });
  const gates = [quick, absent, { ...topics, contextLength: 8192 }];
  const refuse = (all: typeof gates) => () =>
    refuseTooLong({
      promptTokens: estimateTokens(callOf('auto', 'word '.repeat(20_000)).request),
      wanted: wantedSpokes('auto', all),
    });
  expect(refuse(gates)).toThrow(/tokens, 4,096 fit$/);
  expect(refuse([absent])).toThrow(/8,192 fit$/);
  expect(refuse([...gates, frontier])).not.toThrow();
});
