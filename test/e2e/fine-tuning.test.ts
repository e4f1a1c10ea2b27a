import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import OpenAI, { toFile } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { petRows } from '../fixtures/pet-rows.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

function clientOf({ url }: RunningProcess): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'local', maxRetries: 0 });
}

function chats(seed: number): Promise<File> {
  const lines = petRows(seed).map(({ text, label }) =>
    JSON.stringify({
      messages: [
        { role: 'system', content: 'Sort the message.' },
        { role: 'user', content: text },
        { role: 'assistant', content: label },
      ],
    }),
  );
  return toFile(Buffer.from(lines.join('\n')), 'chats.jsonl');
}

async function uploadRows(client: OpenAI, seed: number): Promise<string> {
  return (await client.files.create({ file: await chats(seed), purpose: 'fine-tune' })).id;
}

async function until(client: OpenAI, id: string, wanted: readonly string[]) {
  for (let round = 0; round < 600; round += 1) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (wanted.includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the job ${id} did not become ${wanted.join(' or ')}`);
}

async function sorted(client: OpenAI, model: string, content: string) {
  const answer = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content }],
  });
  return answer.choices[0]?.message.content;
}

async function newFarm() {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const farm = await home.up();
  return { home, farm, client: clientOf(farm) };
}

describe('/v1/fine_tuning/jobs with the official client', () => {
  it('makes a specialist, tells its story and gives the figures', async () => {
    const { client } = await newFarm();
    const training_file = await uploadRows(client, 1);
    const made = await client.fineTuning.jobs.create({
      model: 'cadre-intents',
      training_file,
      suffix: 'pet-desk',
      seed: 7,
      metadata: { team: 'hotel' },
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3 } } },
    });
    expect(made).toMatchObject({ object: 'fine_tuning.job', seed: 7, training_file });
    const job = await until(client, made.id, ['succeeded', 'failed']);
    expect(job).toMatchObject({ status: 'succeeded', fine_tuned_model: 'pet-desk@1', error: null });
    expect(await sorted(client, 'pet-desk', 'our rabbit leaves the food again')).toBe('feeding');
    expect(await sorted(client, job.fine_tuned_model ?? '', 'is there still a kennel')).toBe(
      'booking',
    );
    const events: OpenAI.FineTuning.FineTuningJobEvent[] = [];
    for await (const event of client.fineTuning.jobs.listEvents(made.id, { limit: 2 }))
      events.push(event);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    const words = events.map((event) => event.message).join('\n');
    for (const wanted of [/completed/, /n-grams: /, /n_epochs has no effect/, /Created/])
      expect(words).toMatch(wanted);
    const points = await client.fineTuning.jobs.checkpoints.list(made.id);
    expect(points.data).toMatchObject([{ fine_tuned_model_checkpoint: 'pet-desk@1' }]);
    expect(points.data[0]?.metrics.full_valid_mean_token_accuracy).toBeGreaterThan(0.8);
    const listed = await client.fineTuning.jobs.list({ metadata: { team: 'hotel' } });
    expect(listed.data.map((one) => one.id)).toEqual([made.id]);
    expect((await client.fineTuning.jobs.list({ metadata: { team: 'x' } })).data).toEqual([]);

    // A next version, by the specialist's own name.
    const next = await client.fineTuning.jobs.create({ model: 'pet-desk', training_file, seed: 8 });
    expect(await until(client, next.id, ['succeeded', 'failed'])).toMatchObject({
      fine_tuned_model: 'pet-desk@2',
    });
    expect(await client.models.delete('pet-desk@2')).toMatchObject({ deleted: true });
    await expect(sorted(client, 'pet-desk@2', 'hello')).rejects.toMatchObject({ status: 404 });
    expect(await sorted(client, 'pet-desk', 'is there still a kennel')).toBe('booking');
    await expect(client.models.delete('auto')).rejects.toMatchObject({ status: 404 });
    await expect(
      client.fineTuning.jobs.create({ model: 'gpt-4o-mini', training_file }),
    ).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    for (const suffix of ['../x', 'Pet Desk', '-pets', ''])
      await expect(
        client.fineTuning.jobs.create({ model: 'cadre-intents', training_file, suffix }),
      ).rejects.toMatchObject({
        status: 400,
        param: 'suffix',
        message: expect.stringContaining('lower-case letters'),
      });
    await expect(
      client.fineTuning.jobs.create({ model: 'cadre-intents', training_file, suffix: 'hub' }),
    ).rejects.toMatchObject({ status: 409, param: 'suffix' });
  }, 180_000);

  it('pauses, resumes, cancels at once, and tells what is wrong with a file', async () => {
    const { client } = await newFarm();
    const good = await uploadRows(client, 2);
    const first = await client.fineTuning.jobs.create({
      model: 'cadre-intents',
      training_file: good,
    });
    const second = await client.fineTuning.jobs.create({
      model: 'cadre-intents',
      training_file: good,
    });
    expect((await client.fineTuning.jobs.pause(second.id)).status).toBe('paused');
    expect((await client.fineTuning.jobs.cancel(first.id)).status).toBe('cancelled');
    expect(['queued', 'running']).toContain(
      (await client.fineTuning.jobs.resume(second.id)).status,
    );
    expect((await client.fineTuning.jobs.cancel(second.id)).status).toBe('cancelled');
    await expect(client.fineTuning.jobs.cancel(second.id)).resolves.toMatchObject({
      status: 'cancelled',
    });
    await expect(client.fineTuning.jobs.resume(second.id)).rejects.toMatchObject({ status: 400 });
    const bad = await client.files.create({
      file: await toFile(Buffer.from('{"question_text":"a","kind":"b"}\n'), 'bad.jsonl'),
      purpose: 'fine-tune',
    });
    const failed = await client.fineTuning.jobs.create({
      model: 'cadre-intents',
      training_file: bad.id,
    });
    const job = await until(client, failed.id, ['failed', 'succeeded']);
    expect(job.error?.message).toContain('“question_text”');
    expect(job.error?.param).toBe('training_file');
    expect((await client.models.list()).data.filter((one) => one.id.includes('@'))).toEqual([]);
  }, 180_000);

  it('goes on after kill -9, and what served before serves', async () => {
    const { home, farm, client } = await newFarm();
    const training_file = await uploadRows(client, 3);
    const create = () =>
      client.fineTuning.jobs.create({ model: 'cadre-intents', training_file, suffix: 'pets' });
    await until(client, (await create()).id, ['succeeded']);
    const waiting = await Promise.all([create(), create()]);
    await until(client, waiting[0].id, ['running', 'succeeded']);
    await farm.kill('SIGKILL');
    const again = clientOf(await home.up());
    expect(await sorted(again, 'pets', 'my dog only eats fish again')).toBe('feeding');
    const results = [];
    for (const { id } of waiting)
      results.push((await until(again, id, ['succeeded', 'failed'])).fine_tuned_model);
    expect(new Set(results).size).toBe(2);
    expect(results).not.toContain('pets@1');
  }, 240_000);

  it('leaves the version before in its place when the live one is damaged on the disk', async () => {
    const { home, farm, client } = await newFarm();
    const training_file = await uploadRows(client, 4);
    for (const seed of [1, 2]) {
      const job = await client.fineTuning.jobs.create({
        model: 'cadre-intents',
        training_file,
        suffix: 'pets',
        seed,
      });
      await until(client, job.id, ['succeeded']);
    }
    expect((await home.run(['models', 'promote', 'pets', '--force'])).stdout).toContain(
      'version 2 serves',
    );
    await farm.kill('SIGTERM');
    const database = new DatabaseSync(join(home.path, 'state.db'));
    database
      .prepare("UPDATE object_parts SET bytes = zeroblob(length(bytes)) WHERE id = 'pets@2'")
      .run();
    database.close();
    const again = clientOf(await home.up());
    expect(await sorted(again, 'pets', 'my dog only eats fish again')).toBe('feeding');
    const lineage = await home.run(['models', 'lineage', 'pets']);
    expect(lineage.stdout).toContain('pets@2 does not serve');
    const refused = await home.run(['models', 'promote', 'pets@2']);
    expect(refused.code).not.toBe(0);
    expect((await home.run(['why'])).stdout).toContain('pets@1');
  }, 240_000);
});
