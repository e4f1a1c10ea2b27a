import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DescriptionRoom } from '../../src/compose/descriptions.ts';
import type { Generations } from '../../src/compose/generations.ts';
import { type Call, LOOPBACK } from '../../src/core/call.ts';
import type { DescribedEvent, DescriptionWish, WrittenRow } from '../../src/core/description.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';

const labels = ['booking', 'feeding', 'vet'];
const wish: DescriptionWish = {
  text: 'messages to a hotel for animals',
  labels,
  perLabel: 12,
  seed: 1,
  known: [],
};
const pets = petRows(5);
const labelOf = (text: string) => pets.find((row) => row.text === text)?.label;

/** A spoke that writes pets' messages, one of them for another label, and knows what is what. */
function helpful(): (call: Call, prompt: string) => string {
  const left = new Map(labels.map((label) => [label, pets.filter((row) => row.label === label)]));
  return (call, prompt) => {
    if (call.request.responseFormat !== undefined)
      return JSON.stringify({ topic: labelOf(prompt) ?? 'none of these' });
    const label = /^Topic: (\w+)$/m.exec(prompt)?.[1] ?? '';
    const wrong = pets.find((row) => row.label !== label)?.text ?? '';
    const own = left.get(label)?.splice(0, 5) ?? [];
    return ['Here are some:', wrong, ...own.map((row, at) => `${at + 1}. ${row.text}`)].join('\n');
  };
}

function roomOf(answer: (call: Call, prompt: string) => string, installed = true) {
  const calls: Call[] = [];
  const gate = { destination: 'local', kind: 'chat', installed, fits: true };
  const spoke = (id: string, tasks: readonly string[], more: object = {}) => ({
    config: { kind: 'chat', output: 'text' },
    gate: { ...gate, id, modelId: `model-of-${id}`, tasks, ...more },
  });
  const spokes = [
    spoke('reader', ['reading']),
    spoke('small', []),
    spoke('general', []),
    spoke('cloud', [], { destination: 'vendor' }),
  ];
  const generations = {
    current: { spokes: () => spokes },
    async *aside(call: Call): AsyncGenerator<CadreEvent> {
      calls.push(call);
      const [part] = call.request.messages.at(-1)?.content ?? [];
      const text = answer(call, part?.type === 'text' ? part.text : '');
      yield { type: 'text-delta', choice: 0, text };
    },
  } as unknown as Generations;
  const room = new DescriptionRoom({
    generations,
    bytesOf: (model) => (model === 'model-of-general' ? 2 : 1),
    clock: { now: Date.now, elapsed: () => performance.now() },
    random: { id: (length) => 'a'.repeat(length) },
  });
  return { room, calls };
}

async function written(room: DescriptionRoom, change: Partial<DescriptionWish> = {}) {
  const rows: WrittenRow[] = [];
  let last: DescribedEvent | undefined;
  for await (const event of room.write(
    { ...wish, ...change },
    LOOPBACK,
    AbortSignal.timeout(60_000),
  )) {
    if (event.stage === 'row') rows.push(event.row);
    last = event;
  }
  if (last?.stage !== 'written') throw new Error('it did not end');
  return { rows, end: last };
}

it('has the generalist write as many rows of each label as are wanted, and keeps those it agrees with', async () => {
  const { room, calls } = roomOf(helpful());
  const { rows, end } = await written(room);
  expect(end.counts).toEqual({ booking: 12, feeding: 12, vet: 12 });
  expect(end.model).toBe('general (model-of-general)');
  for (const { text, label } of rows) expect(labelOf(text), text).toBe(label);
  expect(end.rejected.map((one) => one.reason)).toContain(
    'given another label when the model was asked anew',
  );
  expect(new Set(calls.map((call) => call.request.model))).toEqual(new Set(['general']));
  for (const call of calls)
    expect(call).toMatchObject({ priority: 'background', labelDeclared: 'secret', bare: true });
});

it('goes on from rows that are there, and writes none like a row that is measured on', async () => {
  const known = pets.filter((row) => row.label === 'vet').slice(0, 12);
  const folder = mkdtempSync(join(tmpdir(), 'cadre-described-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const test = join(folder, 'test.csv');
  const tested = pets.filter((row) => row.label === 'feeding').slice(0, 3);
  writeFileSync(test, petTable(tested));
  const { room } = roomOf(helpful());
  const { rows, end } = await written(room, { known, test });
  expect(rows.some((row) => row.label === 'vet')).toBe(false);
  expect(end.counts['vet']).toBe(12);
  for (const { text } of tested) expect(rows.map((row) => row.text)).not.toContain(text);
  expect(end.rejected.map((one) => one.reason)).toContain('like a row that is measured on');
});

it('says what was left out and why where too little is of use', async () => {
  const rubbish = roomOf(() => 'lorem ipsum\nlorem ipsum\nx');
  await expect(written(rubbish.room)).rejects.toThrow(
    /too few of the texts that general wrote.*“booking” 0.*another label.*lorem ipsum/,
  );
  await expect(written(roomOf(() => '').room)).rejects.toThrow('it wrote nothing');
});

it('is refused without a local spoke that is ready, and while another description is written', async () => {
  await expect(written(roomOf(helpful(), false).room)).rejects.toThrow(
    /cadre pull.*model-of-general/,
  );
  const { room } = roomOf(helpful());
  await expect(written(room, { spoke: 'cloud' })).rejects.toThrow('cloud is a local model here');
  await expect(written(room, { spoke: 'genral' })).rejects.toThrow('did you mean `general`');
  const first = room.write(wish, LOOPBACK, AbortSignal.timeout(60_000));
  await first.next();
  await expect(written(room)).rejects.toThrow('another description already');
  await first.return();
  expect((await written(room)).end.counts['vet']).toBe(12);
});

it('stops at once where the caller leaves', async () => {
  const { room } = roomOf(helpful());
  const leave = new AbortController();
  const rows = room.write(wish, LOOPBACK, leave.signal);
  await rows.next();
  await rows.next();
  leave.abort(new Error('left'));
  await expect(
    rows
      .next()
      .then(() => rows.next())
      .then(() => rows.next()),
  ).rejects.toThrow('left');
});
