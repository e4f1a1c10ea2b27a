import type { GradedAnswer, GradedPage } from '../core/outcome.ts';
import { gradedLines } from '../main.ts';
import {
  type CommandInput,
  type FlagDefinition,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { print, printJson, safeLine } from './terminal.ts';

/** Fewer cannot be split into a half to fit and a half to certify. */
const LEAST_ROWS = 40;
/** Graded answers that are read at most: what a fit takes in a minute. */
const MOST_ROWS = 20_000;

export const rowsFlags: Readonly<Record<string, FlagDefinition>> = {
  out: { type: 'string', value: 'FILE', description: 'rows: where the JSON lines go' },
};

interface Traffic {
  readonly lines: readonly string[];
  /** Requests whose text was kept, graded or not. */
  readonly keptCount: number;
  /** Of the graded ones, those that have a grade of a shadow run. */
  readonly shadowCount: number;
}

/** The farm's own graded requests, newest first, at most 20,000. */
export async function readTraffic(input: CommandInput): Promise<Traffic> {
  const rows: GradedAnswer[] = [];
  let keptCount = 0;
  await withFarm(input, async (client) => {
    const { signal } = input;
    for (let next: GradedPage['next'] | undefined, isMore = true; isMore; ) {
      const where = next === undefined ? '' : `?before=${next.before}&beforeId=${next.beforeId}`;
      const path = `/cadre/v1/gate/rows${where}`;
      const page = (await client.doGet(path, { signal })) as GradedPage;
      rows.push(...page.rows);
      keptCount += page.keptCount;
      next = page.next;
      isMore = next !== undefined && rows.length < MOST_ROWS;
    }
    return 0;
  });
  const lines = gradedLines(rows.slice(0, MOST_ROWS));
  const isShadow = ({ sources = {} }: GradedAnswer) => Object.values(sources).includes('shadow');
  const shadowCount = lines.filter((line) => isShadow(JSON.parse(line) as GradedAnswer)).length;
  return { lines, keptCount, shadowCount };
}

/** Throws UsageError that says how many requests are missing, and what would count. */
export function requireEnough({ lines, keptCount }: Traffic): void {
  const missing = LEAST_ROWS - lines.length;
  if (missing <= 0) return;
  throw new UsageError(
    `the farm has ${lines.length} graded requests of its own, ${missing} more are needed at least. Only requests of keys that keep text count (\`cadre keys add NAME --keep-text\`; ${keptCount} are kept now), and of these the ones that feedback, an escalation or a shadow run (\`cadre gate shadow\`) graded. A file of graded requests would do as well.`,
  );
}

/** `cadre gate rows --out FILE`: the farm's own graded requests, to look at, to edit, to fit from. */
export async function gateRowsCommand(input: CommandInput): Promise<number> {
  const out = textFlag(input, 'out');
  if (out === undefined) throw new UsageError('name the file to write with --out FILE');
  checkOutput('--out', out);
  const { lines, keptCount, shadowCount } = await readTraffic(input);
  writeOutput(out, lines.map((line) => `${line}\n`).join(''));
  if (input.json) {
    printJson({ out, rows: lines.length, kept: keptCount, byShadowRuns: shadowCount });
    return 0;
  }
  const shadows = shadowCount === 0 ? '' : `, ${shadowCount} of them by shadow runs`;
  print(
    `${lines.length} graded requests of ${keptCount} whose text was kept${shadows}: ${safeLine(out)}`,
  );
  return 0;
}
