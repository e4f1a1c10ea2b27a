import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { getLlama } from 'node-llama-cpp';
import { afterAll, describe, expect, it } from 'vitest';
import { createTrainerProcess } from '../../src/adapters/models/trainer-process.ts';
import type { TrainerLine, TrainerOrder } from '../../src/core/trainer.ts';
import { CODER_SMALL, findModel, SMOLLM2 } from '../needs-models/model-paths.ts';

const SCRIPT = resolve(import.meta.dirname, '..', '..', 'trainers', 'lora', 'train.py');
const PYTHON =
  process.env['CADRE_TRAINER_PYTHON'] ??
  join(homedir(), '.cadre', 'trainers', 'lora', 'bin', 'python');
const base = findModel(SMOLLM2);
const hasPython = existsSync(PYTHON);
if (!hasPython)
  process.stderr.write(
    `skipped: the trainer's Python is not at ${PYTHON}; name one with trainers/lora/requirements.txt in CADRE_TRAINER_PYTHON\n`,
  );

const folder = mkdtempSync(join(tmpdir(), 'cadre-lora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = Array.from({ length: 6 }, (_, at) => ({
  messages: [
    { role: 'user', content: `Which room is number ${at}? <|im_end|>` },
    { role: 'assistant', content: `room ${at}` },
  ],
}));

function orderOf(rows: readonly object[], settings: TrainerOrder['settings']): TrainerOrder {
  const path = join(folder, 'rows.jsonl');
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(path, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    contract: 1,
    base: { id: 'smollm2-135m-instruct-q4_1', path: base ?? '', sha256: SMOLLM2.sha256 },
    data: { path, sha256, rows: rows.length },
    seed: 7,
    folder,
    limits: { minutes: 5, bytes: 50_000_000, tokens: 64, threads: 1 },
    settings,
  };
}

function start(order: TrainerOrder, signal = new AbortController().signal) {
  const lines: TrainerLine[] = [];
  const trainer = createTrainerProcess({
    id: 'lora',
    words: [PYTHON, '-B', SCRIPT],
    environment: { PATH: process.env['PATH'] },
    silenceMs: 240_000,
    graceMs: 60_000,
  });
  return {
    lines,
    result: (onLine?: () => void) =>
      trainer.doTrain(order, {
        signal,
        onLine: (line) => {
          lines.push(line);
          if (line.type === 'progress') onLine?.();
        },
      }),
  };
}

const bytesOf = () => readFileSync(join(folder, 'adapter.gguf'));

const TEXTS = [
  "Hello world, it's 12345 o'clock! I'LL we've",
  '  two  spaces\n\n\nnewlines\t\ttabs and trailing  ',
  'Größe: 3,14 € — naïve café 東京 こんにちは مرحبا',
  'def f(x):\n    return x**2  # comment\n\n\n        pass\r\n',
  'INV-4711/2026: $1,234.50 (50%) ٣٤٥ १२३ Ⅷ ½',
  '{"a": [1, 2.5, null], "b": "x\\ny"} 😀👍🏽 e\u0301\u200b',
  '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n',
];

describe.skipIf(!hasPython)(
  'the trainer reads texts as the engine does',
  { timeout: 120_000 },
  () => {
    it.each([SMOLLM2, CODER_SMALL])('with the words of $name', async (needed) => {
      const path = findModel(needed);
      if (path === undefined) return;
      const read =
        'import json,sys; from base_model import load_tokenizer; t,_=load_tokenizer(sys.argv[1]); print(json.dumps([t(x,add_special_tokens=False)["input_ids"] for x in json.loads(sys.argv[2])]))';
      const { stdout } = await promisify(execFile)(
        PYTHON,
        ['-B', '-c', read, path, JSON.stringify(TEXTS)],
        { cwd: dirname(SCRIPT), env: { PATH: process.env['PATH'], HF_HUB_OFFLINE: '1' } },
      );
      const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true });
      const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
      const own = TEXTS.map((text) => [...model.tokenize(text, true)]);
      await model.dispose();
      expect(JSON.parse(stdout)).toEqual(own);
    });
  },
);

describe.skipIf(base === undefined || !hasPython)('the LoRA trainer', { timeout: 600_000 }, () => {
  const order = orderOf(ROWS, { rounds: 1, leastSteps: 8, batchRows: 2, rank: 4, alpha: 8 });

  it('is stopped after a step, goes on and makes the same bytes as in one go', async () => {
    const stop = new AbortController();
    const first = start(order, stop.signal);
    await expect(first.result(() => stop.abort(new Error('stopped')))).rejects.toThrow('stopped');
    const kept = first.lines.findLast((line) => line.type === 'checkpoint')?.step ?? 0;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(8);
    const second = start(order);
    expect(await second.result()).toMatchObject({ steps: 8 });
    expect(second.lines.find((line) => line.type === 'progress')?.step).toBe(kept + 1);
    const resumed = bytesOf();
    expect(resumed.subarray(0, 4).toString()).toBe('GGUF');
    rmSync(join(folder, 'state.pt'));
    await start(order).result();
    expect(bytesOf().equals(resumed)).toBe(true);
  });

  it('leaves out a row that is too long, and refuses a setting that it does not know', async () => {
    const long = {
      messages: [
        { role: 'user', content: 'word '.repeat(99) },
        { role: 'assistant', content: 'x' },
      ],
    };
    await expect(start(orderOf([long], {})).result()).rejects.toThrow(
      'all 1 rows have more than 64 tokens',
    );
    const short = start(orderOf([...ROWS, long], { rounds: 1, leastSteps: 1, batchRows: 6 }));
    expect(await short.result()).toMatchObject({ steps: 1 });
    expect(short.lines).toContainEqual({
      type: 'log',
      text: '1 rows have more than 64 tokens: they are left out',
    });
    await expect(start(orderOf(ROWS, { ranks: 3 })).result()).rejects.toThrow(
      'there is no setting ranks',
    );
  });
});
