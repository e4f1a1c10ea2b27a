import { type Command, UsageError, withFarm } from './command.ts';
import { formatTable, print, printJson, safeLine } from './terminal.ts';

const PATH = '/cadre/v1/batches';

/** What the farm says of a batch. */
interface Batch {
  readonly id: string;
  readonly key: string;
  readonly status: string;
  readonly endpoint: string;
  readonly created_at: number;
  readonly request_counts: {
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
  };
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  readonly errors: { readonly data: readonly { readonly message: string }[] } | null;
}

export const batchesCommand: Command = {
  name: 'batches',
  summary: 'list batches, show how one stands, or cancel one',
  usage: '[ID | cancel ID]',
  mostWords: 2,
  example: 'cadre batches',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      const { signal } = input;
      const [first, second] = input.words;
      if (first === undefined) {
        const { batches } = (await client.doGet(PATH, { signal })) as { batches: Batch[] };
        if (input.json) printJson(batches);
        else if (batches.length === 0) print('No batches; a client makes them with /v1/batches.');
        else for (const line of tableOf(batches)) print(line);
        return 0;
      }
      if (first === 'cancel' && second === undefined) throw new UsageError('name the batch');
      const place = `${PATH}/${encodeURIComponent(first === 'cancel' ? (second ?? '') : first)}`;
      const answer =
        first === 'cancel'
          ? await client.doSend('POST', `${place}/cancel`, {}, { signal })
          : await client.doGet(place, { signal });
      const { batch } = answer as { batch: Batch };
      if (input.json) printJson(batch);
      else for (const line of linesOf(batch)) print(line);
      return 0;
    }),
};

function tableOf(batches: readonly Batch[]): string[] {
  return formatTable([
    ['batch', 'state', 'done', 'failed', 'of', 'for', 'key'],
    ...batches.map((one) => [
      one.id,
      one.status,
      ...countsOf(one),
      safeLine(one.endpoint),
      safeLine(one.key),
    ]),
  ]);
}

function countsOf({ request_counts: { total, completed, failed } }: Batch): string[] {
  return [completed, failed, total].map(String);
}

function linesOf(batch: Batch): string[] {
  const files = [batch.output_file_id, batch.error_file_id].filter((id) => id !== null);
  return [
    ...tableOf([batch]),
    `made ${new Date(batch.created_at * 1000).toISOString()}`,
    ...(files.length === 0 ? [] : [`files ${files.join(' ')}`]),
    ...(batch.errors?.data ?? []).map((one) => safeLine(one.message)),
  ];
}
