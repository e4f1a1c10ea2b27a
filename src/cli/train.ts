import { toCadreError } from '../core/errors.ts';
import { SPECIALIST_KINDS, type SpecialistReport } from '../core/specialist.ts';
import type { TrainingEvent } from '../core/training-job.ts';
import { type Command, withFarm } from './command.ts';
import { HintedError } from './failure.ts';
import { mayInstall } from './install-question.ts';
import { cardLines } from './specialist-words.ts';
import { ProgressLine, print, printJson, safeLine } from './terminal.ts';
import { DESCRIBE_FLAGS, describeRows } from './train-describe.ts';
import { trainWishOf } from './train-wish.ts';

/** What the last events of a training say of what it made. */
interface Made {
  readonly specialist: string;
  readonly live: boolean;
  readonly report: SpecialistReport;
}

export const trainCommand: Command = {
  name: 'train',
  summary: 'make a specialist from labelled examples',
  usage: SPECIALIST_KINDS.join('|'),
  mostWords: 1,
  example: 'cadre train intents --data rows.csv --name triage',
  flags: {
    data: {
      type: 'string',
      value: 'FILE',
      description:
        'CSV with the columns text and label, or JSON lines with these fields or chats; for extract a column per field, or JSON lines {text, spans} or {text, fields}; for score text and score; for rank query, passage and relevant, or JSON lines {query, positive, negatives}',
    },
    'from-traffic': {
      type: 'boolean',
      description: 'learn from requests whose text was kept, in the place of --data',
    },
    capability: {
      type: 'string',
      value: 'X',
      description: 'which requests: those to this name, or of this task of the gate (classify …)',
    },
    labels: {
      type: 'string',
      value: 'A,B,C',
      description: 'the labels there are; of traffic without it those that the answers name',
    },
    ...DESCRIBE_FLAGS,
    name: { type: 'string', value: 'NAME', description: 'its name, which clients use as `model`' },
    target: {
      type: 'string',
      value: 'SHARE',
      description: 'accuracy that is enough, e.g. 0.95: nothing dearer is tried then',
    },
    tolerance: {
      type: 'string',
      value: 'N',
      description:
        'of score: how far off a number counts as right; without it half a step, or a tenth of the range',
    },
    test: {
      type: 'string',
      value: 'FILE',
      description: 'rows to measure on alone; without it on rows of the data that are held out',
    },
    seed: { type: 'string', value: 'N', description: 'same data and seed give the same bytes' },
    base: {
      type: 'string',
      value: 'MODEL',
      description: 'of an adapter: the local model that it changes, or a spoke that it answers',
    },
    trainer: {
      type: 'string',
      value: 'ID',
      description: 'of an adapter: what makes it; lora, or one of `trainers` in the configuration',
    },
    yes: {
      type: 'boolean',
      description:
        'without a question: fetch what the trainer of an adapter runs on; learn from rows of a description',
    },
    alone: {
      type: 'boolean',
      description: 'do not ask the largest local model the same rows (up to 90 seconds)',
    },
    promote: {
      type: 'boolean',
      description:
        'let it serve at once if it is better than the live version on rows that neither was taught, or cheaper and not worse',
    },
  },
  run: (input) => {
    const { order, wish } = trainWishOf(input);
    return withFarm(input, async (client) => {
      const described = wish && (await describeRows(client, wish, input));
      const begin = (more: object) =>
        follow(
          client.doStream(
            '/cadre/v1/specialists',
            { ...order, ...(described && { described }), ...more },
            { signal: input.signal },
          ),
          order.name,
          input.json,
        );
      const made = await begin({}).catch(async (error: unknown) => {
        if (!(await mayInstall(error, input.signal))) throw error;
        return begin({ install: true });
      });
      if (input.json) {
        printJson(made);
        return 0;
      }
      for (const line of cardLines(made.specialist, made.report)) print(line);
      for (const line of nextSteps(order.name, made, order.promote)) print(line);
      return 0;
    });
  },
};

/** What is fetched, or how far off the answers are. */
function moreOf(data: TrainingEvent['data']): string {
  const { name, loss } = data;
  if (typeof name === 'string') return name;
  return typeof loss === 'number' ? `loss ${loss}` : '';
}

async function follow(
  events: AsyncIterable<unknown>,
  name: string,
  isQuiet: boolean,
): Promise<Made> {
  const line = new ProgressLine();
  let made: Made | undefined;
  for await (const value of storyOf(events, name)) {
    const { message, data } = value;
    if (data['report'] !== undefined) made = data as unknown as Made;
    if (isQuiet || data['report'] !== undefined) continue;
    if (data['done'] !== undefined)
      line.update(String(data['stage']), Number(data['done']), Number(data['total']), moreOf(data));
    else if (data['stage'] !== undefined) line.end(safeLine(message));
  }
  line.end();
  if (made === undefined) throw new Error('the training ended without a result');
  return made;
}

/** The events of a job; a farm that stops leaves it to the next one, which is no reason to ask again. */
async function* storyOf(
  events: AsyncIterable<unknown>,
  name: string,
): AsyncGenerator<TrainingEvent, void, void> {
  let job: unknown;
  try {
    for await (const value of events) {
      const event = value as TrainingEvent;
      job = event.data['job'] ?? job;
      yield event;
    }
  } catch (error) {
    const { code } = toCadreError(error);
    if (typeof job !== 'string' || (code !== 'farm_stopped' && code !== 'shutting_down'))
      throw error;
    throw new HintedError(
      code,
      `the farm stopped; the job ${safeLine(job)} (${name}) goes on by itself when it starts again`,
      `\`cadre up\` starts it; \`cadre models\` shows ${name} when it is made. Asking again would train it twice.`,
      error,
    );
  }
}

function nextSteps(
  name: string,
  { specialist, live, report }: Made,
  wasToPromote: boolean,
): string[] {
  const ask = report.ranking
    ? `POST /v1/rerank {"model": "${name}", "query": "…", "documents": ["…", "…"]}`
    : `cadre ask --model ${name} "…"`;
  if (live && report.comparison === null)
    return [`${specialist} is live: nothing is replaced. Ask it: \`${ask}\``];
  if (live)
    return [
      `${specialist} is live in the place of version ${report.comparison?.version}; \`cadre models rollback ${name}\` takes it back`,
    ];
  const passes = report.comparison?.passes === true;
  return [
    `${specialist} is a candidate; version ${report.comparison?.version ?? 'before'} goes on serving.${wasToPromote ? ' It did not pass, so it was not promoted.' : ''}`,
    `try it as \`${specialist}\`; \`cadre models promote ${name}${passes ? '' : ' --force'}\` lets it serve`,
  ];
}
