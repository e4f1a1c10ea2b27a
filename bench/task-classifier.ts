/**
 * How often does the gate's task classifier name the task of questions that its generator did not
 * write? `--write` first makes src/gate/task-model.generated.ts anew.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskModelFile } from '../src/gate/training/model-file.ts';
import { TRAINING, taskTextOf, trainTaskModel } from '../src/gate/training/train.ts';
import { readJsonLines } from './lib/data.ts';
import { printResult } from './lib/result.ts';
import { TASK_OF } from './lib/slices.ts';

interface Question {
  readonly prompt: string;
  readonly task: string;
  readonly choices?: readonly { readonly label: string; readonly text: string }[];
}

function textOf({ prompt, task, choices }: Question, wanted: string): string {
  // The set lists bare words; in use the order comes with them.
  if (task === 'commongen') return `Write a paragraph with all of these words: ${prompt}`;
  if (wanted !== 'multiple-choice') return prompt;
  return `${prompt}\n${(choices ?? []).map((one) => `${one.label}. ${one.text}`).join('\n')}`;
}

const model = trainTaskModel();
if (process.argv.includes('--write')) {
  const file = join(import.meta.dirname, '..', 'src', 'gate', 'task-model.generated.ts');
  writeFileSync(file, taskModelFile(model.toBytes()));
}
const counts = new Map<string, { right: number; n: number; wrong: Map<string, number> }>();
let bareLists = 0;
for (const question of readJsonLines<Question>('gate', 'questions-with-gold.jsonl.gz')) {
  const wanted = TASK_OF[question.task];
  if (wanted === undefined) continue;
  const count = counts.get(question.task) ?? { right: 0, n: 0, wrong: new Map<string, number>() };
  counts.set(question.task, count);
  const label = model.predict(taskTextOf(textOf(question, wanted)))[0]?.label ?? '';
  count.n += 1;
  if (label === wanted) count.right += 1;
  else count.wrong.set(label, (count.wrong.get(label) ?? 0) + 1);
  if (question.task === 'commongen')
    bareLists += model.predict(taskTextOf(question.prompt))[0]?.label === 'other' ? 1 : 0;
}
let right = 0;
let total = 0;
for (const [task, count] of counts) {
  right += count.right;
  total += count.n;
  const wrong = [...count.wrong].map(([label, n]) => `${label} ${n}`).join(', ');
  console.log(`${task.padEnd(22)} ${(count.right / count.n).toFixed(3)} of ${count.n}  ${wrong}`);
}
printResult('task-classifier', TRAINING.seed, {
  accuracy: right / total,
  rows: total,
  bareWordListsCalledOther: bareLists / (counts.get('commongen')?.n ?? 1),
  bytes: model.toBytes().length,
  byTask: Object.fromEntries([...counts].map(([task, one]) => [task, one.right / one.n])),
});
