import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/chat.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { Library } from '../ground/fixtures/library.ts';
import { receiptOf } from './readings.ts';
import { type Script, WAIT } from './scripted-model.ts';
import { ask, callOf, FARM, openWorld, VENDOR } from './scripted-parts.ts';

const QUESTION = 'What is the weight of the pump?';
const PUMPS = ['steel', 'brass', 'copper', 'zinc'];

let library: Library;
beforeEach(async () => {
  const ground = { rerankBy: 'large', rerankMs: 20_000, evidenceTokens: 64 };
  library = await Library.open({ config: parseConfig({ ground }).ground });
  for (const name of PUMPS)
    library.put(`${name}.md`, `The weight of the ${name} pump is told on its plate.`);
  await library.index();
});
afterEach(() => library.close());

function verdict(yes: number): ModelEvent {
  const top = [
    { token: 'Yes', logprob: Math.log(yes) },
    { token: 'No', logprob: Math.log(1 - yes) },
  ];
  return { type: 'text', text: 'No', logprobs: [{ token: 'No', logprob: -0.1, top }] };
}
const lastText = (request: ModelRequest) => textOf(request.messages.at(-1)?.content ?? []);
/** Says yes to the passage about one pump alone. */
const yesTo =
  (name: string): Script =>
  (_turn, request) => [verdict(lastText(request).includes(name) ? 0.99 : 0.01)];

const openFarm = (large: Script, config: Readonly<Record<string, unknown>> = {}) =>
  openWorld({
    models: { grounded: ['I do not know.'], 'grounded-large': ['I do not know.'], large },
    knowledge: library.knowledge,
    config: {
      ground: { rerankBy: 'large', rerankMs: 20_000, evidenceTokens: 64 },
      verify: { reading: 'off' },
      ...config,
    },
  });
type Farm = Awaited<ReturnType<typeof openFarm>>;
const readings = (farm: Farm) => farm.calls.filter((call) => call.request.logprobs !== undefined);
/** The sentences that the answering spoke was shown first. */
const shown = (farm: Farm) =>
  lastText(farm.calls.find((call) => call.spoke.startsWith('grounded'))?.request as ModelRequest);

describe('a question to a collection whose passages a spoke reads', () => {
  it('is answered from what the spoke says yes to; each reading is a request with receipt and cost', async () => {
    const left = await openFarm([], { ground: { evidenceTokens: 64 } });
    await ask(left, 'grounded', QUESTION, { collection: 'docs' });
    expect(readings(left)).toHaveLength(0);
    const missed = PUMPS.find((name) => !shown(left).includes(name)) ?? 'none';
    const farm = await openFarm(yesTo(missed));
    const receipt = receiptOf(await ask(farm, 'grounded', QUESTION, { collection: 'docs' }));
    const own = readings(farm);
    expect(own).toHaveLength(PUMPS.length);
    expect(own[0]?.request).toMatchObject({ maxTokens: 1, sampling: { temperature: 0 } });
    expect(receipt.children).toHaveLength(PUMPS.length);
    expect(receipt.total?.usage.promptTokens).toBeGreaterThan(receipt.usage.promptTokens);
    const child = await farm.store.doGetReceipt(receipt.children[0] ?? '');
    expect(child).toMatchObject({ outcome: 'answered', parent: 'req_test' });
    expect(child?.standsOn).toHaveLength(1);
    expect(shown(farm)).toContain(missed);
  });

  it('begins all its prompts alike up to the passage', async () => {
    const farm = await openFarm(yesTo('zinc'));
    await ask(farm, 'grounded', QUESTION, { collection: 'docs' });
    const [first, second] = readings(farm).map(({ request }) => request);
    expect(first?.messages[0]).toEqual(second?.messages[0]);
    const beginning = `Search: ${QUESTION}\n\nSentences:\n- `;
    for (const request of [first, second])
      expect(lastText(request as ModelRequest).startsWith(beginning)).toBe(true);
  });

  it('is answered in the order that stands where the spoke is remote and may not read it', async () => {
    const farm = await openFarm([verdict(0.5)], {
      ground: { rerankBy: 'frontier', rerankMs: 20_000, evidenceTokens: 64 },
      spokes: [...FARM.spokes, { id: 'frontier', model: 'vendor/big-70b' }],
      destinations: [VENDOR],
      collections: [{ name: 'docs', folder: '/docs', label: 'personal' }],
    });
    const receipt = receiptOf(await ask(farm, 'grounded', QUESTION, { collection: 'docs' }));
    expect(farm.calls.map((call) => call.spoke)).not.toContain('frontier');
    const child = await farm.store.doGetReceipt(receipt.children[0] ?? '');
    expect(child?.error?.code).toBe('label_refused');
    expect(farm.calls.some((call) => call.spoke.startsWith('grounded'))).toBe(true);
  });

  it('ends with its caller, keeps time for the answer, and is decided without any reading', async () => {
    const farm = await openFarm([WAIT]);
    const signal = AbortSignal.timeout(300);
    await ask(farm, 'grounded', QUESTION, { collection: 'docs', signal });
    expect(farm.calls.map((call) => [call.spoke, call.end])).toEqual([['large', 'aborted']]);
    const short = await openFarm([WAIT]);
    const deadline = Date.now() + 4000;
    await ask(short, 'grounded', QUESTION, { collection: 'docs', deadline });
    expect(shown(short)).toContain('pump');
    const decided = await openFarm(yesTo('zinc'));
    const call = callOf('grounded', QUESTION, { collection: 'docs' });
    await decided.pipeline.decide(call, new AbortController().signal);
    expect(decided.calls).toEqual([]);
  });
});
