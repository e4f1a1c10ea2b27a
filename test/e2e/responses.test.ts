import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../server/response-client.ts';
import { TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A farm in a process of its own, whose one spoke is a server that the test scripts. */
async function openHome() {
  const upstream = await ScriptedUpstream.start();
  closers.push(() => upstream.stop());
  const home = new TestHome(`
fleet: { starter: false }
destinations:
  - { id: desk, kind: openai, url: "${upstream.url}", clearance: internal, prices: { writer: { input: 1, output: 2 } } }
spokes:
  - { id: writer, model: desk/writer, tools: true }
`);
  closers.push(() => home.remove());
  return { home, upstream };
}

const clientOf = (url: string) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

describe('responses and completions of a whole farm', { timeout: 60_000 }, () => {
  it('stream through the pipeline, and outlive a restart', async () => {
    const { home, upstream } = await openHome();
    const farm = await home.up();
    const client = clientOf(farm.url);
    const stream = client.responses.stream({
      model: 'writer',
      input: 'Name a river.',
      instructions: 'Be brief.',
      reasoning: { effort: 'low' },
    });
    const asked = await upstream.next();
    asked.write('The ');
    asked.write('Danube.');
    asked.end({ completion_tokens_details: { reasoning_tokens: 4 } });
    const first = await stream.finalResponse();
    expect(first).toMatchObject({
      status: 'completed',
      output_text: 'The Danube.',
      usage: {
        input_tokens: 20,
        output_tokens: 10,
        output_tokens_details: { reasoning_tokens: 4 },
      },
    });
    expect(await asked.asked).toMatchObject({
      reasoning_effort: 'low',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Name a river.' },
      ],
    });

    await farm.kill('SIGTERM');
    const again = clientOf((await home.up()).url);
    expect(await again.responses.retrieve(first.id)).toMatchObject({ output_text: 'The Danube.' });
    const second = again.responses.create({
      model: 'writer',
      input: 'How long is it?',
      previous_response_id: first.id,
    });
    const asked2 = await upstream.next();
    asked2.write('2,850 km.');
    asked2.end();
    expect((await second).output_text).toBe('2,850 km.');
    expect((await asked2.asked)['messages']).toEqual([
      { role: 'user', content: 'Name a river.' },
      { role: 'assistant', content: 'The Danube.' },
      { role: 'user', content: 'How long is it?' },
    ]);
  });

  it('fail visibly where the model’s server breaks off', async () => {
    const { home, upstream } = await openHome();
    const client = clientOf((await home.up()).url);
    const stream = client.responses.stream({ model: 'writer', input: 'Name a river.' });
    const types: string[] = [];
    stream.on('event', (event) => types.push(event.type));
    const asked = await upstream.next();
    asked.write('The Dan');
    await eventually(() => expect(types).toContain('response.output_text.delta'));
    asked.cut();
    const final = await stream.finalResponse();
    expect(final).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(types.at(-1)).toBe('response.failed');
    await expect(client.responses.retrieve(final.id)).rejects.toMatchObject({ status: 404 });
  });

  it('in the background have failed, and do not hang, when their process was killed', async () => {
    const { home, upstream } = await openHome();
    const farm = await home.up();
    const made = await clientOf(farm.url).responses.create({
      model: 'writer',
      input: 'Name a river.',
      background: true,
    });
    const asked = await upstream.next();
    asked.write('The ');
    await eventually(async () =>
      expect((await clientOf(farm.url).responses.retrieve(made.id)).status).toBe('in_progress'),
    );
    await farm.kill('SIGKILL');
    const again = clientOf((await home.up()).url);
    expect(await again.responses.retrieve(made.id)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
    });
    expect(await again.responses.cancel(made.id)).toMatchObject({ status: 'failed' });
  });

  it('in the background stop the model’s server when they are cancelled', async () => {
    const { home, upstream } = await openHome();
    const client = clientOf((await home.up()).url);
    const made = await client.responses.create({
      model: 'writer',
      input: 'Name a river.',
      background: true,
    });
    const asked = await upstream.next();
    asked.write('The ');
    expect(await client.responses.cancel(made.id)).toMatchObject({ status: 'cancelled' });
    await asked.closed;
  });

  it('are the only place that keeps words, and none is left when they are deleted', async () => {
    const { home, upstream } = await openHome();
    const client = clientOf((await home.up()).url);
    const written = () =>
      readdirSync(home.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n');
    const ask = async (store: boolean) => {
      const asking = client.responses.create({ model: 'writer', input: 'Quagmirex?', store });
      const asked = await upstream.next();
      asked.write('Zanthorium.');
      asked.end();
      return asking;
    };
    await ask(false);
    expect(written()).not.toMatch(/Quagmirex|Zanthorium/);
    const made = await ask(true);
    expect(written()).toMatch(/Quagmirex/);
    await client.responses.delete(made.id);
    // The row goes at once, what the write-ahead log still holds of it within ten seconds.
    await expect
      .poll(written, { timeout: 25_000, interval: 500 })
      .not.toMatch(/Quagmirex|Zanthorium/);
  });

  it('older completions ask each prompt as the message of a user', async () => {
    const { home, upstream } = await openHome();
    const client = clientOf((await home.up()).url);
    const asking = client.completions.create({
      model: 'writer',
      prompt: ['One', 'Two'],
      echo: true,
      max_tokens: 7,
    });
    for (const prompt of ['One', 'Two']) {
      const asked = await upstream.next();
      expect(await asked.asked).toMatchObject({
        messages: [{ role: 'user', content: prompt }],
        max_tokens: 7,
      });
      asked.write(` after ${prompt}`);
      asked.end();
    }
    const { choices, usage } = await asking;
    expect(choices.map((choice) => choice.text)).toEqual(['One after One', 'Two after Two']);
    expect(usage).toMatchObject({ prompt_tokens: 40, completion_tokens: 20 });
  });
});
