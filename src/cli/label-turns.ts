import type { LabelChoice, LabelQueue, QueueRow } from '../core/labelling.ts';
import { AnswerKeys } from './answer-keys.ts';
import { note, paint, print, safe, safeLine } from './terminal.ts';

interface Deeds {
  readonly signal: AbortSignal;
  readonly give: (row: string, label: string, isNew: boolean) => Promise<void>;
  readonly takeBack: (row: string) => Promise<void>;
}

const HELP = '/ another label (/+ a new one) · s skip · u undo · q quit';

/** Shows one row after the other and stores each answer before the next is shown; how many were given. */
export async function labelInTurn(queue: LabelQueue, deeds: Deeds): Promise<number> {
  const { rows } = queue;
  const given: number[] = [];
  const keys = new AnswerKeys(deeds.signal);
  try {
    for (let at = 0; at < rows.length; ) {
      const row = rows[at];
      if (row === undefined) break;
      show(row, at, rows.length);
      const answer = await ask(keys, row, queue.labels);
      if (answer.act === 'quit') break;
      if (answer.act === 'undo') {
        const last = given.pop();
        if (last === undefined) note('there is nothing to take back');
        else {
          await deeds.takeBack(rows[last]?.row ?? '');
          at = last;
        }
        continue;
      }
      if (answer.act === 'label') {
        await deeds.give(row.row, answer.label, answer.isNew);
        given.push(at);
        print(paint('dim', `  → ${safeLine(answer.label)}`));
      }
      at += 1;
    }
    return given.length;
  } finally {
    keys.close();
  }
}

function show({ text, reason, choices }: QueueRow, at: number, count: number): void {
  print('');
  print(paint('dim', `${at + 1} of ${count} · ${reason}`));
  print(safe(text));
  const width = Math.max(...choices.map(({ label }) => safeLine(label).length));
  choices.forEach((choice, place) => {
    print(
      `  ${paint('bold', String(place + 1))} ${safeLine(choice.label).padEnd(width)} ${paint('dim', saying(choice))}`.trimEnd(),
    );
  });
  note(paint('dim', `1–${choices.length} choose · ${HELP}`));
}

function saying({ probability, sources }: LabelChoice): string {
  const guess = probability === null ? [] : [`${Math.round(100 * probability)} %`];
  return [...guess, ...sources].join(' · ');
}

type Answer =
  | { readonly act: 'label'; readonly label: string; readonly isNew: boolean }
  | { readonly act: 'skip' | 'undo' | 'quit' };

async function ask(
  keys: AnswerKeys,
  { choices }: QueueRow,
  labels: readonly string[],
): Promise<Answer> {
  for (;;) {
    const said = await keys.next();
    if (said === undefined || said === 'q') return { act: 'quit' };
    if (said === 's' || said === '') return { act: 'skip' };
    if (said === 'u') return { act: 'undo' };
    const chosen = /^[1-9]$/.test(said) ? choices[Number(said) - 1]?.label : undefined;
    const label = chosen ?? labels.find((one) => one === said);
    if (label !== undefined) return { act: 'label', label, isNew: false };
    if (/^\+\s*\S/.test(said)) return { act: 'label', label: said.slice(1).trim(), isNew: true };
    note(
      said.length === 1
        ? `“${safeLine(said)}” is no key: 1–${choices.length} choose · ${HELP}`
        : `there is no label “${safeLine(said)}”; +${safeLine(said)} makes it a new one`,
    );
  }
}
