import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpecialistManifest, SpecialistReport } from '../../src/core/specialist.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const LABELS = ['--labels', 'booking,feeding,vet'];
const WORDS = [
  'train',
  '--describe',
  'messages to a hotel for animals',
  '--name',
  'pets',
  '--per-label',
  '40',
];

describe('a specialist from a description', { timeout: 120_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  beforeAll(async () => {
    home = new TestHome();
    writeRandomModel(join(home.path, 'Byte Soup.gguf'), { seed: 1 });
    const pulled = await home.run(['pull', 'Byte Soup.gguf', '--name', 'soup']);
    expect(pulled.code, pulled.stderr).toBe(0);
    // The farm is configured with the model only when it knows it.
    writeFileSync(
      join(home.path, 'cadre.yaml'),
      'fleet: { starter: false }\nspokes: [{ id: soup, model: soup }]\n',
    );
    farm = await home.up();
  });
  afterAll(() => home.remove());

  it('says what is missing, and that a person is to look', async () => {
    const one = await home.run([...WORDS, '--labels', 'vet', '--yes']);
    expect([one.code, one.stderr]).toEqual([2, expect.stringContaining('at least two labels')]);
    const nobody = await home.run([...WORDS, ...LABELS]);
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('`--yes`')]);
    const two = await home.run([...WORDS, ...LABELS, '--data', 'rows.csv']);
    expect([two.code, two.stderr]).toEqual([2, expect.stringContaining('--data and --describe')]);
  });

  it('tells what was left out where the spoke writes rubbish, and trains nothing', async () => {
    const told = await home.run([
      ...WORDS,
      ...LABELS,
      '--per-label',
      '4',
      '--yes',
      '--rows',
      'soup.jsonl',
    ]);
    expect(told.code).toBe(1);
    expect(told.stderr).toMatch(/too few of the texts that soup wrote can be kept/);
    expect(told.stderr).toMatch(/Left out|it wrote nothing/);
    const { specialists } = (await (await fetch(`${farm.url}/cadre/v1/specialists`)).json()) as {
      specialists: readonly unknown[];
    };
    expect(specialists).toEqual([]);
  });

  it('keeps the rows that are there, trains from them and says that a model wrote them', async () => {
    const path = join(home.path, 'pets.rows.jsonl');
    expect(existsSync(path)).toBe(false);
    const lines = petRows(1).map((row) => JSON.stringify(row));
    writeFileSync(path, `${lines.join('\n')}\n`);
    writeFileSync(join(home.path, 'test.csv'), petTable(petRows(2)));
    const told = await home.run([...WORDS, ...LABELS, '--yes', '--json']);
    expect(told.code, told.stderr).toBe(0);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(120);
    const { report } = JSON.parse(told.stdout) as { readonly report: SpecialistReport };
    expect(report.warnings[0]).toMatch(/^synthetic: soup \(soup\) wrote .* nobody confirmed/);
    const seen = (await (await fetch(`${farm.url}/cadre/v1/specialists/pets`)).json()) as {
      specialist: { versions: { manifest: SpecialistManifest }[] };
    };
    expect(seen.specialist.versions[0]?.manifest.data).toMatchObject({
      provenance: 'description',
      described: { text: 'messages to a hotel for animals', model: 'soup (soup)', confirmed: 0 },
    });
    const other = await home.run([...WORDS, '--labels', 'booking,vet', '--yes']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('“feeding”')]);
    writeFileSync(path, `${lines.join('\n')}\n{"text": "no label"}\n`);
    const damaged = await home.run([...WORDS, ...LABELS, '--yes']);
    expect([damaged.code, damaged.stderr]).toEqual([
      2,
      expect.stringContaining('line 121 is no row'),
    ]);
  });
});
