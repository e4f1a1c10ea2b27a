import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { TestHome } from './farm-process.ts';

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

function newHome(config?: string): TestHome {
  const home = new TestHome(config);
  onTestFinished(() => home.remove());
  return home;
}

async function ask(url: string, model: string, text: string, more: object = {}) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: text }], ...more }),
  });
  const body = (await response.json()) as Answer;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body.choices[0]?.message.content;
}

describe('cadre train', () => {
  it('makes a specialist that the running farm serves at once, and the next one waits', async () => {
    const home = newHome();
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    const first = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
    expect(first.stderr).toContain('n-grams: ');
    expect(first.stdout).toContain('pets@1 is live: nothing is replaced');
    expect(first.stdout).toContain('underpowered');
    expect(first.code).toBe(0);
    expect(await ask(farm.url, 'pets', 'my dog will not eat his dinner today')).toBe('feeding');
    const format = { response_format: { type: 'json_object' } };
    const json = await ask(farm.url, 'pets', 'the cat needs her vaccination this week', format);
    expect(JSON.parse(json ?? '')).toMatchObject({ label: 'vet' });

    const more = await home.run([
      'train',
      'intents',
      '--data',
      'rows.csv',
      '--name',
      'pets',
      '--seed',
      '2',
      '--json',
    ]);
    expect(JSON.parse(more.stdout)).toMatchObject({ specialist: 'pets@2', live: false });
    const names = (await (await fetch(`${farm.url}/v1/models`)).json()) as {
      data: { id: string }[];
    };
    expect(names.data.map((one) => one.id)).toEqual(
      expect.arrayContaining(['pets', 'pets@1', 'pets@2']),
    );
    const refused = await home.run(['models', 'promote', 'pets']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/pets@2 is not promoted: .*--test[\s\S]*`--force` promotes it/);
    const forced = await home.run([
      'models',
      'promote',
      'pets',
      '--force',
      '--reason',
      'looks fine',
    ]);
    expect(forced.stdout).toMatch(/version 2 serves[\s\S]*\(forced, underpowered\): looks fine/);
    expect(await ask(farm.url, 'pets', 'my dog will not eat his dinner today')).toBe('feeding');
    const why = await home.run(['why']);
    expect(why.stdout).toContain('pets@2');
    const asked = ['--text', 'my dog will not eat his dinner today'];
    const near = await home.run(['why', '--rows', 'rows.csv', ...asked]);
    expect(near.stdout).toMatch(
      /Nearest rows\n {2}of the very file that taught it:\n {2}\d\.\d\d {2}row \d+ {2}feeding/,
    );
    const other = await home.run(['why', '--rows', 'none.csv', ...asked]);
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('none.csv does not exist'),
    ]);
    const half = await home.run(['why', '--rows', 'rows.csv']);
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('--text T')]);
    expect((await home.run(['models', 'rollback', 'pets'])).stdout).toContain('version 1 serves');
    expect((await home.run(['models', 'retire', 'pets'])).stdout).toContain('no version serves');
    const gone = await home.run(['ask', '--model', 'pets', 'hello']);
    expect(gone.code).not.toBe(0);
  }, 180_000);

  it('lets a better version serve by itself, and measures on rows that neither was taught', async () => {
    const home = newHome();
    const farm = await home.up();
    const rows = petRows(1);
    // Two thirds of its few rows are mislabelled: the first version learns little.
    const poor = rows
      .filter((_, at) => at % 10 < 2)
      .map((row) => ({ ...row, label: other(row.label) }));
    const few = [...rows.filter((_, at) => at % 10 === 3), ...poor];
    writeFileSync(join(home.path, 'few.csv'), petTable(few));
    writeFileSync(join(home.path, 'rows.csv'), petTable(rows));
    const foreign = [{ text: 'who won the cup final last night', label: 'football' }];
    const test = [...petRows(2, 60), ...rows.slice(0, 5), ...foreign];
    writeFileSync(join(home.path, 'test.jsonl'), test.map((row) => JSON.stringify(row)).join('\n'));
    const train = (file: string) =>
      home.run([
        ...['train', 'intents', '--data', file, '--name', 'pets'],
        ...['--test', 'test.jsonl', '--promote', '--json'],
      ]);
    expect(JSON.parse((await train('few.csv')).stdout)).toMatchObject({ live: true });
    const second = JSON.parse((await train('rows.csv')).stdout);
    expect(second).toMatchObject({
      specialist: 'pets@2',
      live: true,
      report: { measuredOn: 'test', comparison: { version: 1, verdict: 'better' } },
    });
    expect(second.report.warnings.join()).toMatch(/test rows stand in the training data too/);
    expect(second.report.warnings.join()).toMatch(/1 test rows have labels that are not learnt/);
    // The same again is no better: it waits.
    const third = JSON.parse((await train('rows.csv')).stdout);
    expect(third).toMatchObject({ live: false, report: { comparison: { onlyNew: 0 } } });
    expect(await ask(farm.url, 'pets', 'is there still a kennel for my dog')).toBe('booking');
  }, 180_000);

  it('answers every request while versions change places', async () => {
    const home = newHome();
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    for (const seed of ['1', '2'])
      await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets', '--seed', seed]);
    let isOver = false;
    const answers = new Set<string | undefined>();
    const asking = (async () => {
      while (!isOver) {
        answers.add(await ask(farm.url, 'pets', 'my dog will not eat today'));
        await sleep(20);
      }
    })();
    // Two versions of the same rows are no better than each other: each change is forced.
    const acts = [
      ['promote', 'pets@2', '--force'],
      ['rollback', 'pets'],
      ['promote', 'pets@2', '--force'],
    ];
    for (const act of acts) expect((await home.run(['models', ...act])).code).toBe(0);
    isOver = true;
    await asking;
    expect([...answers]).toEqual(['feeding']);
  }, 180_000);

  it('says so where somebody else cancels its job', async () => {
    const home = newHome();
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1, 150)));
    const training = home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
    const jobs = `${farm.url}/v1/fine_tuning/jobs`;
    let id: string | undefined;
    while (id === undefined) {
      id = ((await (await fetch(jobs)).json()) as { data: { id: string }[] }).data[0]?.id;
      await sleep(10);
    }
    await fetch(`${jobs}/${id}/cancel`, { method: 'POST' });
    const { code, stderr } = await training;
    expect([code, stderr]).toEqual([2, expect.stringContaining(`the job ${id} was cancelled`)]);
  }, 60_000);

  it('tells what is wrong with rows and leaves the live version alone', async () => {
    const home = newHome();
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets']);
    const bad = {
      'one.csv': 'text,label\nhello,x\n',
      'two.csv': 'text,label\na,x\nb,y\n',
      'columns.csv': 'first,second\na,x\n',
      'same.csv': `text,label\n${'same,a\nsame,b\n'.repeat(9)}`,
    };
    for (const [name, text] of Object.entries(bad)) {
      writeFileSync(join(home.path, name), text);
      const { code, stderr } = await home.run([
        'train',
        'intents',
        '--data',
        name,
        '--name',
        'pets',
      ]);
      expect([name, code]).toEqual([name, 1]);
      expect(stderr).toContain(name);
    }
    expect(await ask(farm.url, 'pets', 'my dog will not eat today')).toBe('feeding');
    const lineage = JSON.parse((await home.run(['models', 'lineage', 'pets', '--json'])).stdout);
    expect(lineage).toMatchObject({ live: 1, versions: [{ stage: 'live' }] });
    const taken = await home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'quick']);
    expect(taken.stderr).toContain('“quick” is a name of the farm already');
  }, 180_000);
});

function other(label: string): string {
  return label === 'vet' ? 'booking' : 'vet';
}
