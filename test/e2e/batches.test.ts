import { expect, it, onTestFinished } from 'vitest';
import { TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const COUNT = 6;

/** The farm's configuration with one remote spoke and batches that do not wait for quiet. */
function configOf(url: string): string {
  return [
    'fleet: { starter: false }',
    'batches: { quietSeconds: 0 }',
    'destinations:',
    `  - { id: cloud, kind: openai, url: ${JSON.stringify(url)}, clearance: internal }`,
    'spokes:',
    '  - { id: far, model: cloud/some-model }',
  ].join('\n');
}

function inputOf(count: number): Blob {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      custom_id: `line-${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'far', messages: [{ role: 'user', content: `question ${index}` }] },
    }),
  );
  return new Blob([lines.join('\n')]);
}

async function json(response: Response): Promise<Record<string, string>> {
  const body = (await response.json()) as Record<string, string>;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}

async function answer(upstream: ScriptedUpstream): Promise<void> {
  const one = await upstream.next();
  one.write('An answer.');
  one.end();
  await one.closed;
}

it('a batch survives kill -9: each line has one result, none that was recorded is asked again', async () => {
  const upstream = await ScriptedUpstream.start();
  const home = new TestHome(configOf(upstream.url));
  onTestFinished(async () => {
    await home.remove();
    await upstream.stop();
  });
  const farm = await home.up();
  const form = new FormData();
  form.set('file', inputOf(COUNT), 'requests.jsonl');
  form.set('purpose', 'batch');
  const file = await json(await fetch(`${farm.url}/v1/files`, { method: 'POST', body: form }));
  const made = await json(
    await fetch(`${farm.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        input_file_id: file['id'],
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
    }),
  );
  for (let index = 0; index < 3; index += 1) await answer(upstream);
  // The fourth line is asked and has no answer: the three before are recorded.
  await upstream.next();
  await farm.kill('SIGKILL');

  const again = await home.up();
  for (let index = 3; index < COUNT; index += 1) await answer(upstream);
  let batch: Record<string, unknown> = {};
  await expect
    .poll(
      async () => {
        batch = await json(await fetch(`${again.url}/v1/batches/${made['id']}`));
        return batch['status'];
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe('completed');
  expect(batch['request_counts']).toEqual({ total: COUNT, completed: COUNT, failed: 0 });
  const output = await fetch(`${again.url}/v1/files/${batch['output_file_id']}/content`);
  const results = (await output.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(results.map((one) => one.custom_id)).toEqual(
    Array.from({ length: COUNT }, (_, index) => `line-${index}`),
  );
  const shown = await home.run(['batches', '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject([{ id: made['id'], status: 'completed' }]);
  expect((await home.run(['batches', String(made['id'])])).stdout).toContain('completed');
  const why = await home.run(['why', results[5].response.request_id]);
  expect(why.stdout).toContain(`part of ${made['id']}`);
}, 120_000);
