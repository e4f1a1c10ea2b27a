import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelEntry } from '../../src/core/catalogue.ts';
import type { QuantisationPlan, QuantisationProgress } from '../../src/core/quantisation.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

/** A user's own file becomes a model, a smaller form is made of it, and a spoke answers with that. */
describe('own models', { timeout: 120_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  const entries = () =>
    (
      JSON.parse(readFileSync(join(home.path, 'models', 'own.json'), 'utf8')) as {
        models: ModelEntry[];
      }
    ).models;
  beforeAll(async () => {
    home = new TestHome('fleet: { starter: false, memoryBudget: 4000000000 }\n');
    writeRandomModel(join(home.path, 'Byte Soup.gguf'), { seed: 1 });
    farm = await home.up();
  });
  afterAll(() => home.remove());

  it('come from a file, under its name or another', async () => {
    const { code, stdout } = await home.run(['pull', 'Byte Soup.gguf']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('byte-soup')]);
    expect((await home.run(['pull', 'Byte Soup.gguf', '--name', 'soup'])).code).toBe(0);
    expect(entries().map(({ id }) => id)).toEqual(['byte-soup', 'soup']);
    expect((await home.run(['models'])).stdout).toMatch(/soup .* installed/);
  });

  it('tell their smaller forms, and what each takes', async () => {
    const { stdout } = await home.run(['quantise', 'soup', '--json']);
    const plan = JSON.parse(stdout) as QuantisationPlan;
    expect(plan.forms.map(({ format, id }) => [format, id])).toEqual([
      ['q8_0', 'soup-q8_0'],
      ['q5_0', 'soup-q5_0'],
      ['q8_4', 'soup-q8_4'],
      ['q4_0', 'soup-q4_0'],
    ]);
    const bytesOf = (format: string) => plan.forms.find((one) => one.format === format)?.fileBytes;
    const bytes = [plan.fileBytes, ...['q8_0', 'q8_4', 'q5_0', 'q4_0'].map(bytesOf)].map(Number);
    expect(bytes).toEqual(bytes.toSorted((left, right) => right - left));
    expect((await home.run(['quantise', 'soup', '--fit', '8GB'])).stdout).toContain(
      'fits as it is',
    );
    const tight = await home.run(['quantise', 'soup', '--fit', '1MB']);
    expect([tight.code, tight.stderr]).toEqual([
      2,
      expect.stringContaining('no form of soup fits'),
    ]);
  });

  it('are made smaller, measured and served, and survive the farm', async () => {
    const rows = join(home.path, 'rows.jsonl');
    writeFileSync(rows, '{"question": "Say soup.", "answer": "soup"}\n');
    const made = await home.run(['quantise', 'soup', '--to', 'q8_0', '--data', rows, '--json']);
    const last = JSON.parse(made.stdout.trim().split('\n').at(-1) ?? '') as QuantisationProgress;
    if (last.stage !== 'ready') throw new Error(made.stdout + made.stderr);
    expect(last.report).toMatchObject({ model: 'soup-q8_0', from: 'soup', rows: 1 });
    expect(last.report.weightError).toBeGreaterThan(0);
    expect(last.report.weightError).toBeLessThan(0.01);
    expect(last.report.measures.map(({ model }) => model)).toEqual(['soup', 'soup-q8_0']);
    await farm.kill('SIGKILL');
    const leftover = join(home.path, 'models', 'partial', 'soup-q5_0.made');
    writeFileSync(leftover, 'half of it');
    writeFileSync(
      join(home.path, 'cadre.yaml'),
      'fleet: { starter: false, memoryBudget: 4000000000 }\nspokes: [{ id: own, model: soup-q8_0, maxTokens: 8 }, { id: tuned, model: soup, adapter: tuned.gguf }]\n',
    );
    const written = { seed: 3, rank: 4, alpha: 8, exponent: -2, targets: RANDOM_MODEL_TARGETS };
    writeRandomAdapter(join(home.path, 'tuned.gguf'), written);
    farm = await home.up();
    expect(existsSync(leftover)).toBe(false);
    const answer = await home.run(['ask', 'Hello', '--model', 'own', '--json']);
    expect([answer.code, answer.stderr]).toEqual([0, expect.any(String)]);
  });

  it('are made once where several ask for the same form at the same time', async () => {
    const asked = Array.from({ length: 3 }, () => home.run(['quantise', 'soup', '--to', 'q5_0']));
    const outcomes = await Promise.all(asked);
    expect(outcomes.some(({ code }) => code === 0)).toBe(true);
    for (const { code, stderr } of outcomes)
      if (code !== 0) expect(stderr).toContain('soup-q5_0 is being made already');
  });

  it('take an adapter in, of a file or of a spoke, and say where they come from', async () => {
    const adapter = join(home.path, 'triage.gguf');
    const [soup] = entries().find(({ id }) => id === 'soup')?.files ?? [];
    const written = { seed: 1, rank: 4, alpha: 8, exponent: -2, targets: RANDOM_MODEL_TARGETS };
    writeRandomAdapter(adapter, { ...written, baseHash: soup?.sha256 ?? '' });
    const rows = join(home.path, 'rows.jsonl');
    const options = ['--to', 'q8_0', '--data', rows, '--json'];
    const made = await home.run(['quantise', 'soup', '--adapter', adapter, ...options]);
    const last = JSON.parse(made.stdout.trim().split('\n').at(-1) ?? '') as QuantisationProgress;
    if (last.stage !== 'ready') throw new Error(made.stdout + made.stderr);
    expect(last.report).toMatchObject({ model: 'triage-q8_0', from: 'soup with triage.gguf' });
    expect(last.report.measures.map(({ model }) => model)).toEqual([
      'soup with triage.gguf',
      'triage-q8_0',
    ]);
    const entry = entries().find(({ id }) => id === 'triage-q8_0');
    expect(entry?.merged).toEqual({
      base: 'soup',
      baseHash: soup?.sha256,
      adapter: 'triage.gguf',
      adapterHash: createHash('sha256').update(readFileSync(adapter)).digest('hex'),
    });
    const { stdout } = await home.run(['quantise', 'tuned', '--to', 'q4_0']);
    expect(stdout).toMatch(/tuned +1.*\n.*tuned-q4_0/);
    expect(entries().find(({ id }) => id === 'tuned-q4_0')?.merged).toMatchObject({
      base: 'soup',
      adapter: 'tuned',
    });
    writeRandomAdapter(adapter, { ...written, seed: 2 });
    const other = await home.run(['quantise', 'soup', '--adapter', adapter, '--to', 'q8_0']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('something else')]);
    writeRandomAdapter(adapter, { ...written, baseHash: 'f'.repeat(64) });
    const foreign = await home.run(['quantise', 'soup', '--adapter', adapter, '--name', 'x']);
    expect([foreign.code, foreign.stderr]).toEqual([
      1,
      expect.stringContaining('it was made for the file ffffffffffff'),
    ]);
    writeRandomAdapter(adapter, { ...written, baseHash: soup?.sha256 ?? '' });
  });

  it('are made again, with the same bytes, where their file was lost', async () => {
    const lost = ['soup-q8_0', 'triage-q8_0'];
    for (const { id, files } of entries())
      if (lost.includes(id))
        rmSync(join(home.path, 'models', files[0]?.sha256 ?? 'none'), { recursive: true });
    await farm.kill('SIGTERM');
    farm = await home.up();
    for (const id of lost) {
      const pulled = await home.run(['pull', id]);
      expect([pulled.code, pulled.stdout]).toEqual([0, expect.stringContaining(id)]);
    }
  });

  it('are refused with what is wrong', async () => {
    writeFileSync(join(home.path, 'text.gguf'), 'no model');
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['pull', 'text.gguf'], 'does not start with GGUF'],
      [['pull', 'none.gguf'], 'none.gguf'],
      [['pull', 'Byte Soup.gguf', '--name', 'smollm2-135m-instruct-q4_1'], 'choose another name'],
      [['pull', 'Byte Soup.gguf', '--name', 'No Name'], 'id is small letters'],
      [['pull', 'soup', '--name', 'x'], '--name goes with a file'],
      [['quantise', 'none', '--to', 'q4_0'], 'none'],
      [['quantise', 'soup-q8_0', '--to', 'q8_0'], 'no matrix that q8_0 makes smaller'],
      [['quantise', 'soup', '--to', 'q3'], 'q8_0, q5_0, q8_4, q4_0'],
      [['quantise', 'soup', '--data', 'rows.jsonl'], 'add --to FORMAT or --fit SIZE'],
      [['quantise', 'soup', '--to', 'q4_0', '--data', 'text.gguf'], 'text.gguf, line 1'],
      [
        ['quantise', 'soup', '--to', 'q4_0', '--adapter', 'text.gguf'],
        'text.gguf is no whole GGUF',
      ],
      [['load', 'own'], '“own” is a spoke; name its model, “soup-q8_0”'],
      [['quantise'], 'name the model'],
    ];
    for (const [args, words] of cases) {
      const { code, stderr, stdout } = await home.run(args);
      expect([args, code, stderr + stdout]).toEqual([
        args,
        expect.toSatisfy((one) => one === 1 || one === 2),
        expect.stringContaining(words),
      ]);
    }
    expect(entries().map(({ id }) => id)).toEqual([
      'byte-soup',
      'soup',
      'soup-q8_0',
      'soup-q5_0',
      'triage-q8_0',
      'tuned-q4_0',
    ]);
  });
});
