import type { WeightReport } from '../core/collection-weight.ts';
import type { CollectionWarning } from '../core/document-text.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { counted, readJudgedFiles } from '../main.ts';
import { tellWarnings } from './collection-warnings.ts';
import { type CommandInput, type FlagDefinition, textFlag, UsageError } from './command.ts';
import { paint, print, printJson } from './terminal.ts';

export const FIT_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  queries: {
    type: 'string',
    value: 'FILE',
    description: 'fit: queries as JSON lines, `{query, document}` or, with --qrels, BEIR’s',
  },
  qrels: {
    type: 'string',
    value: 'FILE',
    description: 'fit: which documents (paths) which query should find',
  },
  'dry-run': { type: 'boolean', description: 'fit: tell what it would do, and change nothing' },
  reset: { type: 'boolean', description: 'fit: take back what was fitted' },
};

/** `cadre collections fit NAME`: weighs words against meaning by what is known of its queries. */
export async function fitCollection(
  input: CommandInput,
  client: FarmClient,
  name: string | undefined,
): Promise<number> {
  if (name === undefined) throw new UsageError('name the collection to fit');
  const queries = textFlag(input, 'queries');
  const qrels = textFlag(input, 'qrels');
  if (qrels !== undefined && queries === undefined)
    throw new UsageError('--qrels needs --queries FILE');
  const reset = input.flags['reset'] === true;
  if (reset && queries !== undefined)
    throw new UsageError('--reset learns from no queries; leave out --reset or --queries');
  const judged = queries === undefined ? [] : readJudgedFiles(queries, qrels);
  const wish = { judged, dryRun: input.flags['dry-run'] === true, reset };
  const { fit, warnings } = (await client.doSend(
    'POST',
    `/cadre/v1/collections/${encodeURIComponent(name)}/fit`,
    wish,
    { signal: input.signal },
  )) as { fit: WeightReport; warnings: CollectionWarning[] };
  tellWarnings(warnings);
  if (input.json) printJson(fit);
  else for (const line of fitLines(fit)) print(line);
  return 0;
}

/** How a fit ended, in lines. */
export function fitLines(fit: WeightReport): string[] {
  const { collection, weight, before, reason, best, signals, unknownDocuments, isDryRun } = fit;
  const verb = isDryRun ? 'would be' : 'is';
  const was = weight === before ? ', as before' : ` (was ${before})`;
  const { judged, opened, answered } = signals;
  return [
    `${paint('green', '✓')} ${collection}: the weight of meaning ${verb} ${weight}${was}: ${reason}`,
    `  from ${counted(judged, 'judged query', 'judged queries')}, ${counted(opened, 'search', 'searches')} with an opened result, ${counted(answered, 'verified answer')}`,
    ...(best === undefined
      ? []
      : [
          `  nDCG@10 with ${best.weight}: ${signed(best.gain)} over ${fit.defaultWeight} (at least ${signed(best.gainLow)} with 95 %), ${signed(best.overBetterLeg)} over the better of words and meaning alone`,
        ]),
    ...(unknownDocuments === 0
      ? []
      : [
          paint(
            'yellow',
            `  ${counted(unknownDocuments, 'judged document')} not in the collection; documents are named by their path (cadre collections ${collection})`,
          ),
        ]),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
