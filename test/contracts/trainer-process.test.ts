import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrainerProcess } from '../../src/adapters/models/trainer-process.ts';
import { toCadreError } from '../../src/core/errors.ts';
import {
  type TrainerLine,
  type TrainerOrder,
  trainerLineSchema,
  trainerResultSchema,
} from '../../src/core/trainer.ts';

const SCRIPT = resolve(import.meta.dirname, '..', 'fixtures', 'scripted-trainer.ts');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function orderIn(limits: Partial<TrainerOrder['limits']> = {}): TrainerOrder {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-trainer-'));
  folders.push(folder);
  return {
    contract: 1,
    base: { id: 'base', path: join(folder, 'base.gguf'), sha256: 'b'.repeat(64) },
    data: { path: join(folder, 'rows.jsonl'), sha256: 'd'.repeat(64), rows: 2 },
    seed: 7,
    folder,
    limits: { minutes: 1, bytes: 1000, tokens: 512, threads: 1, ...limits },
    settings: {},
  };
}

function trainerOf(mode: string, change: { silenceMs?: number; words?: string[] } = {}) {
  return createTrainerProcess({
    id: mode,
    words: change.words ?? [process.execPath, SCRIPT, mode],
    environment: { PATH: process.env['PATH'], VENDOR_KEY: 'sk-secret', https_proxy: 'x' },
    silenceMs: change.silenceMs ?? 20_000,
    graceMs: 300,
  });
}

async function run(mode: string, order = orderIn(), change = {}) {
  const lines: TrainerLine[] = [];
  const stop = new AbortController();
  const result = trainerOf(mode, change).doTrain(order, {
    signal: stop.signal,
    onLine: (line) => {
      lines.push(line);
    },
  });
  return { result, lines, stop, order };
}

async function failureOf(mode: string, order = orderIn(), change = {}) {
  const { result } = await run(mode, order, change);
  const error = await result.then(
    () => undefined,
    (reason: unknown) => toCadreError(reason),
  );
  return { code: error?.code, message: error?.message };
}

/** Until the trainer has said that it is at work. */
async function begun(lines: readonly TrainerLine[]): Promise<void> {
  while (lines.length === 0) await sleep(20);
}

describe('a trainer that is a program', () => {
  it('gets its order, tells its steps and leaves an adapter', async () => {
    const { result, lines, order } = await run('follows');
    expect(await result).toMatchObject({ steps: 2, loss: 0.5 });
    expect(lines).toEqual([
      { type: 'log', text: 'begins' },
      { type: 'progress', step: 1, steps: 2, loss: 0.9 },
      { type: 'progress', step: 2, steps: 2, loss: 0.5 },
    ]);
    const seen = JSON.parse(readFileSync(join(order.folder, 'seen.json'), 'utf8'));
    expect(seen.order).toEqual(order);
  });

  it('is told all of it in trainers/README.md', () => {
    const told = readFileSync(resolve(import.meta.dirname, '../../trainers/README.md'), 'utf8');
    const order = orderIn();
    for (const name of [...Object.keys(order), ...Object.keys(order.limits)])
      expect(told).toContain(`\`${name}\``);
    for (const { shape } of trainerLineSchema.options)
      expect(told).toContain(`{"type": "${shape.type.value}"`);
    for (const name of Object.keys(trainerResultSchema.shape))
      expect(told).toContain(`\`${name}\``);
  });

  it('sees no secret of the farm', async () => {
    const { result, order } = await run('follows');
    await result;
    const seen = JSON.parse(readFileSync(join(order.folder, 'seen.json'), 'utf8'));
    expect(seen.environment).toMatchObject({
      PATH: process.env['PATH'],
      HOME: order.folder,
      OMP_NUM_THREADS: '1',
    });
    expect(JSON.stringify(seen.environment)).not.toMatch(/VENDOR_KEY|sk-secret|https_proxy/);
  });

  it('gets its paths where the command asks for them', async () => {
    const words = [process.execPath, SCRIPT, 'follows', '{order}', '--mount={folder}:{base}'];
    const { result } = await run('follows', orderIn(), { words });
    expect(await result).toMatchObject({ steps: 2 });
  });

  it.each([
    ['fails', 'ended with 1: row 3 has 9000 tokens'],
    ['dies', 'was killed (SIGKILL): Segmentation fault'],
    ['floods', 'printed without end and was stopped'],
    ['keeps-quiet', 'ended without an error, and without result.json'],
    ['lies-about-bytes', 'says another hash than that of its adapter.gguf'],
    ['lies-in-shape', 'left a result.json that is none of the contract'],
    ['links', 'says that it is done, and left no adapter.gguf'],
  ])('that %s is told with what it said', async (mode, words) => {
    const { code, message } = await failureOf(mode);
    expect(code).toBe('trainer_failed');
    expect(message).toContain(`the trainer ${mode} ${words}`);
  });

  it('whose adapter is larger than the bound is refused', async () => {
    const { message } = await failureOf('follows', orderIn({ bytes: 3 }));
    expect(message).toContain('made an adapter of 7 bytes; at most 3 are taken');
  });

  it('that hangs is ended, though it does not listen', async () => {
    const { message } = await failureOf('hangs', orderIn(), { silenceMs: 1500 });
    expect(message).toContain('said nothing for 1.5 s and was stopped');
  });

  it('that is not there is named', async () => {
    const { code, message } = await failureOf('x', orderIn(), { words: ['/no/such/program'] });
    expect(code).toBe('trainer_failed');
    expect(message).toContain('there is no program /no/such/program');
  });

  it('that is cancelled goes on from its checkpoint the next time', async () => {
    const { result, stop, lines, order } = await run('stops');
    await begun(lines);
    stop.abort(new Error('cancelled by hand'));
    await expect(result).rejects.toThrow('cancelled by hand');
    expect(existsSync(join(order.folder, 'checkpoint'))).toBe(true);
    const { result: next } = await run('stops', order);
    expect(await next).toMatchObject({ steps: 2 });
  });

  it('takes nothing that an earlier start left for the result', async () => {
    const { result, order } = await run('follows');
    await result;
    expect((await failureOf('keeps-quiet', order)).message).toContain('without result.json');
  });

  it.runIf(process.platform === 'linux')('of a farm that was killed is ended first', async () => {
    const order = orderIn();
    writeFileSync(join(order.folder, 'order.json'), JSON.stringify(order));
    const left = spawn(process.execPath, [SCRIPT, 'hangs', join(order.folder, 'order.json')], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((said) => left.stdout.once('data', said));
    const gone = new Promise<string | null>((told) =>
      left.once('exit', (_, signal) => told(signal)),
    );
    const stat = readFileSync(`/proc/${left.pid}/stat`, 'utf8');
    const since = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(join(order.folder, 'trainer.json'), JSON.stringify({ pid: left.pid, since }));
    const { result } = await run('follows', order);
    expect(await result).toMatchObject({ steps: 2 });
    expect(await gone).toBe('SIGKILL');
  });
});
