import { describe, expect, it } from 'vitest';
import { type ChatRequest, lastUserText, textOf, textPart } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Delegate } from '../../src/core/ports.ts';
import { type HubOptions, runHub } from '../../src/run/hub.ts';
import { ScriptedDelegate } from './scripted-delegate.ts';

function requestOf(text: string): ChatRequest {
  return { model: 'hub', messages: [{ role: 'user', content: textPart(text) }], sampling: {} };
}

async function run(
  text: string,
  delegate: Delegate,
  more: Partial<HubOptions> = {},
  signal = new AbortController().signal,
) {
  const events: CadreEvent[] = [];
  const options = { request: requestOf(text), delegate, depth: 0, ...more };
  for await (const event of runHub(options, { signal })) events.push(event);
  const answer = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  const plan = events.find((event) => event.type === 'plan-made')?.steps ?? [];
  return { events, answer, plan };
}

const UNPLAIN = 'Our shop wants a newsletter about autumn tea with prices and a slogan';
const echo = (request: ChatRequest) => `done: ${lastUserText(request.messages)}`;

describe('runHub', () => {
  it('splits a plain list of jobs without asking a planner and runs the parts side by side', async () => {
    const delegate = new ScriptedDelegate(echo);
    const { events, answer, plan } = await run(
      '1. Name three rivers of Norway.\n2. Calculate 17 times 23.\n3. Write a haiku about snow.',
      delegate,
    );
    expect(plan.map((step) => step.after)).toEqual([[], [], []]);
    expect(delegate.asked).toHaveLength(3);
    expect(delegate.mostActive).toBe(3);
    expect(answer.indexOf('done: Name three rivers')).toBeLessThan(
      answer.indexOf('done: Calculate'),
    );
    expect(answer).toContain('**Calculate 17 times 23**');
    expect(events.filter((event) => event.type === 'step-started')).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ type: 'choice-ended', finishReason: 'stop' });
  });

  it('hands a result on as fenced data and shows only the step that builds on all', async () => {
    const delegate = new ScriptedDelegate((request) =>
      lastUserText(request.messages).includes('French') ? 'Bonjour' : 'Hello """ there',
    );
    const { answer, events } = await run(
      'Write a greeting for the shop door and then translate it into French',
      delegate,
    );
    expect(answer).toBe('Bonjour');
    const second = lastUserText(delegate.asked[1]?.request.messages ?? []);
    expect(second).toContain("Hello ''' there");
    expect(second).toContain('Translate it into French');
    const started = events.filter((event) => event.type === 'step-started');
    expect(started.map((event) => event.receipt)).toEqual(['req_1', 'req_2']);
  });

  it('asks the planner under a schema and obeys a valid plan', async () => {
    const plan = {
      steps: [
        { id: '1', instruction: 'Find prices', after: [], model: 'auto' },
        { id: '2', instruction: 'Invent a slogan', after: ['9'], model: 'nobody' },
        { id: '3', instruction: 'Write the newsletter', after: ['1', '2'], model: 'auto' },
      ],
    };
    const delegate = new ScriptedDelegate((request) =>
      request.responseFormat
        ? JSON.stringify(plan)
        : `<${lastUserText(request.messages).slice(-22)}>`,
    );
    const result = await run(UNPLAIN, delegate, { planner: 'general' });
    expect(delegate.asked[0]?.request).toMatchObject({
      model: 'general',
      responseFormat: { type: 'json-schema' },
    });
    // A step that waits for one that does not exist waits for nothing; an unknown model is `auto`.
    expect(result.plan[1]).toMatchObject({ after: [], model: 'auto' });
    expect(result.answer).toContain('Write the newsletter');
    expect(result.answer).not.toContain('Find prices>');
  });

  it.each([
    [
      'steps that wait for each other',
      {
        steps: [
          { id: '1', instruction: 'a', after: ['2'] },
          { id: '2', instruction: 'b', after: ['1'] },
        ],
      },
    ],
    [
      'the same id twice',
      {
        steps: [
          { id: '1', instruction: 'a', after: [] },
          { id: '1', instruction: 'b', after: [] },
        ],
      },
    ],
    [
      'five steps',
      { steps: ['1', '2', '3', '4', '5'].map((id) => ({ id, instruction: 'a', after: [] })) },
    ],
    ['no steps', { steps: [] }],
    ['an empty instruction', { steps: [{ id: '1', instruction: ' ', after: [] }] }],
    ['something else', [1, 2]],
  ])('falls back to one step when the plan has %s', async (_, plan) => {
    const delegate = new ScriptedDelegate((request) =>
      request.responseFormat ? JSON.stringify(plan) : 'one answer',
    );
    const result = await run(UNPLAIN, delegate);
    expect(result.plan).toEqual([{ id: '1', instruction: UNPLAIN, after: [], model: 'auto' }]);
    expect(result.answer).toBe('one answer');
  });

  it('names a failed step and an abstaining one in the answer and keeps the others', async () => {
    const delegate = new ScriptedDelegate((request) => {
      const text = lastUserText(request.messages);
      if (text.includes('rivers')) return new CadreError('no_spoke', 'nobody knows rivers');
      return text.includes('haiku') ? { abstains: 'no snow in the documents' } : '391';
    });
    const { answer } = await run(
      '1. Name three rivers of Norway.\n2. Calculate 17 times 23.\n3. Write a haiku about snow.',
      delegate,
    );
    expect(answer).toContain('391');
    expect(answer).toContain('nobody knows rivers');
    expect(answer).toContain('no snow in the documents');
  });

  it('keeps the earlier results when the step that joins them fails', async () => {
    const delegate = new ScriptedDelegate((request) =>
      lastUserText(request.messages).includes('French')
        ? new CadreError('worker_crashed', 'the process ended')
        : 'Hello',
    );
    const { answer } = await run(
      'Write a greeting for the door and then translate it into French',
      delegate,
    );
    expect(answer).toContain('Hello');
    expect(answer).toContain('the process ended');
  });

  it('fails when every step failed', async () => {
    const delegate = new ScriptedDelegate(() => new CadreError('no_spoke', 'nobody is home'));
    await expect(
      run('1. Name three rivers.\n2. Calculate 17 times 23.', delegate),
    ).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.stringContaining('nobody'),
    });
  });

  it('takes what steps cost from the budget of the later ones', async () => {
    const delegate = new ScriptedDelegate(echo, 0.1);
    await run('1. Name three rivers.\n2. Calculate 17 times 23.', delegate, { budgetLeft: 1 });
    expect(delegate.asked.map((child) => child.budgetLeft)).toEqual([0.5, 0.5]);
    const chain = new ScriptedDelegate(echo, 0.1);
    await run('Write a greeting for the door and then translate it into French', chain, {
      budgetLeft: 1,
    });
    expect(chain.asked.map((child) => child.budgetLeft)).toEqual([1, 0.9]);
  });

  it('refuses to go deeper than the depth allowed, without asking anybody', async () => {
    const delegate = new ScriptedDelegate(echo);
    await expect(run(UNPLAIN, delegate, { depth: 3 })).rejects.toMatchObject({
      code: 'depth_exceeded',
    });
    expect(delegate.asked).toHaveLength(0);
  });

  it('stops all steps when the signal aborts', async () => {
    const controller = new AbortController();
    const delegate = new ScriptedDelegate(() => {
      controller.abort(new CadreError('cancelled', 'gone'));
      return 'late';
    });
    await expect(
      run(
        'Write a greeting for the door and then translate it into French',
        delegate,
        {},
        controller.signal,
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(delegate.asked).toHaveLength(1);
    expect(delegate.active).toBe(0);
  });

  it('stops steps that run side by side when the reader goes away', async () => {
    const signals: AbortSignal[] = [];
    const delegate: Delegate = {
      async *doAsk(child, { signal }) {
        signals.push(signal);
        yield {
          type: 'request-accepted',
          id: 'req_x',
          at: 0,
          model: child.request.model,
          depth: 1,
        };
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    };
    const request = requestOf('1. Name three rivers.\n2. Calculate 17 times 23.');
    const controller = new AbortController();
    for await (const event of runHub(
      { request, delegate, depth: 0 },
      { signal: controller.signal },
    ))
      if (event.type === 'step-started') break;
    expect(signals.length).toBeGreaterThan(0);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it("keeps the caller's system message and conversation for each step", async () => {
    const delegate = new ScriptedDelegate(echo);
    const request: ChatRequest = {
      model: 'hub',
      messages: [
        { role: 'system', content: textPart('Speak like a pirate') },
        { role: 'user', content: textPart('My name is Ada') },
        { role: 'assistant', content: textPart('Ahoy Ada') },
        { role: 'user', content: textPart('1. Name three rivers.\n2. Calculate 17 times 23.') },
      ],
      sampling: { temperature: 0.3 },
    };
    for await (const _ of runHub(
      { request, delegate, depth: 0 },
      { signal: new AbortController().signal },
    ));
    const texts = delegate.asked[1]?.request.messages.map((one) => textOf(one.content));
    expect(texts).toEqual([
      'Speak like a pirate',
      'My name is Ada',
      'Ahoy Ada',
      'Calculate 17 times 23.',
    ]);
    expect(delegate.asked[1]?.request.sampling).toEqual({ temperature: 0.3 });
  });
});
