import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestHome } from './farm-process.ts';

const homes: TestHome[] = [];
function newHome(config?: string): TestHome {
  const home = new TestHome(config);
  homes.push(home);
  return home;
}

afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

describe('cadre up', () => {
  it('serves its endpoint and says what is not installed', async () => {
    const farm = await newHome().up();
    expect((await fetch(`${farm.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${farm.url}/health/ready`)).status).toBe(503);
    const names = (await (await fetch(`${farm.url}/v1/models`)).json()) as {
      data: { id: string }[];
    };
    expect(names.data.map((one) => one.id)).toEqual(
      expect.arrayContaining(['auto', 'hub', 'general', 'coder', 'quick']),
    );
    const answer = await fetch(`${farm.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'general', messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect(answer.status).toBe(503);
    const body = (await answer.json()) as { error: { code: string; message: string } };
    expect(body.error.code).toBe('model_unavailable');
    expect(body.error.message).toContain('cadre pull');
  });

  it('tells a second farm on the same home who holds it', async () => {
    const home = newHome();
    const farm = await home.up();
    const second = await home.run(['up', '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(String(farm.pid));
    expect(second.stderr).toContain('cadre stop');
  });

  it('names a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    const result = await newHome().run(['up', '--port', String(port)]);
    other.close();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(String(port));
    expect(result.stderr).toContain('server.port');
  });

  it('stops at a typo in the configuration with its path and the nearest key', async () => {
    const result = await newHome('server:\n  prot: 4000\n').run(['up']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('server.prot');
    expect(result.stderr).toContain('server.port');
  });

  it('refuses to listen beyond loopback without a key', async () => {
    const result = await newHome().run(['up', '--port', '0', '--host', '0.0.0.0']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('cadre keys add');
  });

  it('keeps what was acknowledged when it is killed', async () => {
    const home = newHome();
    const farm = await home.up();
    const answer = await fetch(`${farm.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'general', messages: [{ role: 'user', content: 'hello' }] }),
    });
    const id = answer.headers.get('x-request-id') ?? '';
    await answer.text();
    await farm.kill('SIGKILL');
    const again = await home.up();
    const receipt = await fetch(`${again.url}/cadre/v1/receipts/${id}`);
    expect(receipt.status).toBe(200);
    expect(((await receipt.json()) as { receipt: { outcome: string } }).receipt.outcome).toBe(
      'failed',
    );
  });
});

describe('the command line', () => {
  it('ends with 2 on wrong use and names the nearest command or flag', async () => {
    const home = newHome();
    const command = await home.run(['asl', 'hello']);
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('cadre ask');
    const flag = await home.run(['ask', '--modle', 'auto', 'hello']);
    expect(flag.code).toBe(2);
    expect(flag.stderr).toContain('--model');
  });

  it('prints an example with every --help', async () => {
    const home = newHome();
    const overview = await home.run(['--help']);
    const names = [...overview.stdout.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(12);
    for (const name of names) {
      const help = await home.run([name, '--help']);
      expect(help.code, name).toBe(0);
      expect(help.stdout, name).toContain(`Example: `);
    }
  });

  it('works without a running farm and speaks JSON on request', async () => {
    const home = newHome();
    const models = await home.run(['models', '--json']);
    expect(models.code).toBe(0);
    expect((JSON.parse(models.stdout) as { id: string }[]).map((one) => one.id)).toContain(
      'smollm2-135m-instruct-q4_1',
    );
    const failed = await home.run(['ask', '--json', 'hello']);
    expect(failed.code).toBe(1);
    expect(
      (JSON.parse(failed.stdout) as { error: { code: string; hint: string } }).error.hint,
    ).not.toBe('');
  });

  it('indexes a folder by words alone and finds its sentences', async () => {
    const home = newHome();
    const folder = join(home.path, 'docs');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'travel.md'),
      '# Travel\n\nTrips abroad are approved by the head of department.\n',
    );
    const index = await home.run(['index', folder, '--name', 'handbook', '--json']);
    expect(index.code, index.stderr).toBe(0);
    expect(JSON.parse(index.stdout)).toMatchObject({ documents: 1, added: 1, dense: false });
    const search = await home.run(['search', '--in', 'handbook', 'who approves trips', '--json']);
    expect(search.stdout).toContain('head of department');
    const empty = join(home.path, 'empty');
    mkdirSync(empty);
    const refused = await home.run(['index', empty, '--name', 'empty']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('.md');
    expect((await home.run(['collections'])).stdout).not.toContain('empty');
    const other = join(home.path, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'meals.md'), 'Meals are paid by the day.');
    const swap = await home.run(['index', other, '--name', 'handbook']);
    expect(swap.code).toBe(2);
    for (const words of [folder, other, '--replace']) expect(swap.stderr).toContain(words);
    const swapped = await home.run(['index', other, '--name', 'handbook', '--replace']);
    expect(swapped.code, swapped.stderr).toBe(0);
    expect((await home.run(['collections', 'handbook'])).stdout).toContain('meals.md');
  });

  it('adds, lists and revokes keys; with a key the farm asks for one', async () => {
    const home = newHome();
    const farm = await home.up();
    const made = await home.run(['keys', 'add', 'laptop', '--json']);
    const { key, secret } = JSON.parse(made.stdout) as { key: { id: string }; secret: string };
    expect((await fetch(`${farm.url}/v1/models`)).status).toBe(401);
    expect(
      (await fetch(`${farm.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } }))
        .status,
    ).toBe(200);
    const listed = await home.run(['keys', 'list']);
    expect(listed.stdout).toContain('laptop');
    expect(listed.stdout).not.toContain(secret);
    const revoked = await home.run(['keys', 'revoke', key.id]);
    expect(revoked.code).toBe(0);
    expect(revoked.stderr).toContain('cadre keys add NAME');
    expect(
      (await fetch(`${farm.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } }))
        .status,
    ).toBe(401);
    const again = JSON.parse((await home.run(['keys', 'add', 'again', '--json'])).stdout) as {
      secret: string;
    };
    const authorization = `Bearer ${again.secret}`;
    expect((await fetch(`${farm.url}/v1/models`, { headers: { authorization } })).status).toBe(200);
  });
});
