import { expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { createRateLimiter } from '../../src/policy/rate.ts';
import { eventually, startResponses } from './response-client.ts';
import { accepted, CALLER, createScriptedFarm, ended, receiptOf } from './scripted-farm.ts';

const KEY = { authorization: 'Bearer sk' };
const LIMITED = { ...CALLER, tokenLimit: 1000 };

/** A farm whose one key is limited by the real limiter; its receipts settle what they used. */
async function startLimited(most: number, config = {}) {
  const rates = createRateLimiter({ now: () => 0 });
  const farm = createScriptedFarm(config, {
    takeRate: (caller) => rates.take(caller),
    reserveTokens: (caller, id, tokens) => rates.reserve(caller, id, tokens),
    shareTokens: (id, other) => rates.share(id, other),
    settleTokens: (id, used) => rates.settle(id, used),
    rateStanding: (caller) => rates.standing(caller),
  });
  farm.keys.set('sk', LIMITED);
  farm.script = async function* (call): AsyncGenerator<CadreEvent> {
    yield accepted(call);
    const fits = call.request.messages.length <= most;
    rates.settle(call.id, fits ? 300 : 0);
    if (!fits) {
      const receipt = receiptOf(call.id, call.caller.key);
      yield { type: 'request-failed', code: 'context_length_exceeded', message: 'long', receipt };
      return;
    }
    yield { type: 'text-delta', choice: 0, text: 'fits' };
    yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
    yield ended(call);
  };
  const left = () => rates.standing(LIMITED)?.tokens?.remaining;
  return { left, ...(await startResponses(farm)) };
}

it('what a shortened conversation used counts against its key', async () => {
  const { post, left, farm } = await startLimited(1);
  const turns = ['one', 'two', 'three'].map((content, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content,
  }));
  const answer = await post({ input: turns, truncation: 'auto', max_output_tokens: 50 }, KEY);
  expect(answer.status).toBe(200);
  expect(farm.calls).toHaveLength(2);
  expect(left()).toBe(700);
});

it('a response in the background sets its tokens aside once, and needs no second place', async () => {
  const config = { limits: { concurrentRequestsPerKey: 1 } };
  const { post, left } = await startLimited(1, config);
  const queued = await post({ background: true, max_output_tokens: 600 }, KEY);
  expect(queued.status).toBe(200);
  await eventually(async () => expect(left()).toBe(700));
});
