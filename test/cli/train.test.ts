import { afterEach, expect, it, vi } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { trainCommand } from '../../src/cli/train.ts';
import { CadreError, toCadreError } from '../../src/core/errors.ts';
import type { FarmClient } from '../../src/core/farm-client.ts';

afterEach(() => vi.restoreAllMocks());

it('tells what it waits for, and that the job goes on where the farm stops', async () => {
  const told: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  const client = {
    async *doStream() {
      yield { message: 'Created', data: { job: 'ftjob-7' } };
      yield { message: 'Waiting behind job ftjob-6 (pets)', data: { stage: 'waiting' } };
      throw new CadreError('farm_stopped', 'the farm stopped in the middle of the answer');
    },
    doClose: async () => undefined,
  };
  const run = trainCommand.run({
    words: ['intents'],
    flags: { data: 'rows.csv', name: 'triage' },
    json: false,
    signal: new AbortController().signal,
    connect: async () => client as unknown as FarmClient,
  });
  const thrown = await run.catch((error: unknown) => error);
  const { message, hint } = failureOf(toCadreError(thrown));
  expect(message).toMatch(/job ftjob-7 \(triage\) goes on by itself/);
  expect(hint).toMatch(/`cadre up`.*`cadre models` shows triage/);
  expect(told.join('')).toContain('Waiting behind job ftjob-6 (pets)');
});
