import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Flags, UsageError } from '../../src/cli/command.ts';
import { answersEvaluation } from '../../src/cli/eval-answers.ts';
import type { FarmClient } from '../../src/core/farm-client.ts';

let folder: string;
let asked: { question: string; collection: string | undefined }[];
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-eval-answers-'));
  asked = [];
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A farm that knows how long leave is, and in `empty` nothing. */
const client: FarmClient = {
  where: 'own-process',
  doGet: () => Promise.reject(new Error('nothing else is asked')),
  doSend: () => Promise.reject(new Error('nothing else is asked')),
  doClose: () => Promise.resolve(),
  async *doStream(_path, body, options) {
    const { messages } = body as { messages: { content: string }[] };
    const question = messages[0]?.content ?? '';
    const collection = options.headers?.['x-cadre-collection'];
    asked.push({ question, collection });
    const text = question.includes('leave') && collection !== 'empty' ? 'You get 28 days.' : '';
    const sentence = { number: 1, path: 'leave.md', text };
    const result = {
      check: 'answerable',
      passed: text !== '',
      score: text === '' ? 0.1 : 0.9,
      detail: '',
      sentence: text,
    };
    const type = text === '' ? 'check-failed' : 'check-passed';
    yield { cadre: { event: { type, result } } };
    const citations = text === '' ? [] : [{ sentence, answerStart: 0, answerEnd: 16 }];
    yield { choices: [{ delta: { content: text } }], cadre: { citations } };
    if (text === '')
      yield {
        cadre: {
          event: { type: 'answer-abstained', abstention: { reason: 'far off', nearest: [] } },
        },
      };
    yield { cadre: { event: { type: 'answer-ended', receipt: { id: 'req_1', checks: [] } } } };
  },
};

function run(flags: Flags, farm = client): Promise<number> {
  return answersEvaluation.run({
    words: ['answers'],
    flags,
    json: true,
    signal: new AbortController().signal,
    connect: () => Promise.resolve(farm),
  });
}

function questions(): string {
  const path = join(folder, 'q.jsonl');
  writeFileSync(
    path,
    '{"question":"How long is the leave?","answer":"28 days","documents":["leave.md"]}\n{"question":"What is for lunch?","answerable":false}\n',
  );
  return path;
}

describe('cadre eval answers', () => {
  it('grades what was answered and declined, with the documents and without them', async () => {
    expect(await run({ questions: questions(), collection: 'house', without: 'empty' })).toBe(0);
    const report = JSON.parse(printed);
    expect(report).toMatchObject({ evaluation: 'answers', questions: 3, answerable: 1 });
    expect(report.right).toMatchObject({ count: 1, of: 1 });
    expect(report.rightCitingGold).toMatchObject({ count: 1, of: 1 });
    expect(report.invented).toMatchObject({ count: 0, of: 2 });
    expect(report).toMatchObject({ auroc: 1, removed: 2 });
    expect(asked.at(-1)).toEqual({ question: 'How long is the leave?', collection: 'empty' });
  });

  it('goes on where a stopped run was, and asks anew what was asked of another collection', async () => {
    const rows = join(folder, 'rows.jsonl');
    await run({ questions: questions(), collection: 'house', rows });
    expect(asked).toHaveLength(2);
    // What a kill leaves.
    appendFileSync(rows, '{"asked":{"id":"li');
    printed = '';
    await run({ questions: questions(), collection: 'house', rows });
    expect(asked).toHaveLength(2);
    expect(JSON.parse(printed).right).toMatchObject({ count: 1 });
    await run({ questions: questions(), collection: 'other', rows });
    expect(asked).toHaveLength(4);
    const lines = readFileSync(rows, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}}'));
    expect(lines.map((line) => JSON.parse(line).asked.collection)).toEqual([
      'house',
      'house',
      'other',
      'other',
    ]);
  });

  it.each([
    [{ collection: 'house' }, /name --questions FILE and --collection NAME/],
    [{ questions: 'q.jsonl' }, /name --questions FILE and --collection NAME/],
    [{ questions: 'q.jsonl', collection: 'a', rows: '/nowhere/rows.jsonl' }, /does not exist/],
    [{ questions: 'q.jsonl', collection: 'a', limit: '0' }, /limit/],
  ])('refuses %j before it reaches a farm', async (flags, told) => {
    const refused = run(flags, undefined as never);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(told);
  });

  it('names the line of a rows file that holds something else', async () => {
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, '{"a":1}\n{"b":2}\n');
    await expect(run({ questions: questions(), collection: 'a', rows })).rejects.toThrow(
      /rows\.jsonl, line 1 is no answer of an earlier run/,
    );
  });
});
