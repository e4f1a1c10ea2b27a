import type { LegName, Passage } from '../core/evidence.ts';
import type { Rerank, SearchResult } from '../core/search-result.ts';
import { counted } from '../main.ts';
import { placeOf } from './answer-text.ts';
import { type Command, numberFlag, textFlag, UsageError, withFarm } from './command.ts';
import { FILTER_FLAGS, filterOf } from './filter-flags.ts';
import { formatMs, note, paint, print, printJson, safeLine } from './terminal.ts';

export const searchCommand: Command = {
  name: 'search',
  summary: 'show the passages of a collection that match, without an answer',
  usage: 'QUERY',
  mostWords: Number.POSITIVE_INFINITY,
  example: 'cadre search --in handbook "travel abroad"',
  flags: {
    in: { type: 'string', value: 'NAME', description: 'the collection (needed)' },
    limit: { type: 'string', value: 'N', description: 'how many passages (default 5)' },
    ...FILTER_FLAGS,
    explain: {
      type: 'boolean',
      description: 'tell which leg found a passage at which rank and score, and which is missing',
    },
  },
  async run(input) {
    const collection = textFlag(input, 'in');
    const query = input.words.join(' ').trim();
    if (collection === undefined || query === '')
      throw new UsageError('name the collection and the query');
    const limit = numberFlag(input, 'limit', { least: 1, most: 50, whole: true }) ?? 5;
    const filter = filterOf(input);
    return withFarm(input, async (client) => {
      const result = (await client.doSend(
        'POST',
        `/cadre/v1/collections/${encodeURIComponent(collection)}/search`,
        { query, limit, ...(filter === undefined ? {} : { filter }) },
        { signal: input.signal },
      )) as SearchResult;
      if (input.json) {
        printJson(result);
        return 0;
      }
      for (const passage of result.passages) {
        const first = passage.sentences[0];
        if (first === undefined) continue;
        const dense =
          passage.denseScore === undefined ? '' : ` · meaning ${passage.denseScore.toFixed(2)}`;
        print(
          `${paint('bold', placeOf(first))}  ${paint('dim', `${passage.score.toFixed(2)} · words ${passage.lexicalScore.toFixed(2)}${dense}`)}`,
        );
        if (input.flags['explain'] === true) print(paint('dim', `  ${explain(passage)}`));
        print(`  ${passage.sentences.map((sentence) => safeLine(sentence.text)).join(' ')}\n`);
      }
      note(
        paint(
          'dim',
          `${counted(result.passages.length, 'passage')} by ${result.legs.join(' + ')} in ${formatMs(result.ms)}, index version ${result.indexVersion}`,
          process.stderr,
        ),
      );
      if (input.flags['explain'] === true && result.denseWeight !== undefined)
        note(paint('dim', weightLine(result.denseWeight), process.stderr));
      if (input.flags['explain'] === true && result.rerank !== undefined)
        note(paint('dim', rerankLine(result.rerank), process.stderr));
      if (input.flags['explain'] === true)
        for (const line of missingLines(result)) note(paint('yellow', line, process.stderr));
      return 0;
    });
  },
};

/** What people call the legs. */
const LEG_WORDS: Readonly<Record<LegName, string>> = {
  lexical: 'words',
  dense: 'meaning',
  latent: 'company of words',
  tokens: 'token by token',
  reader: 'the reading of a spoke',
};

/** Which leg found a passage, at which rank and score, and how old what it was found in is. */
export function explain({ legs = [], sentences }: Passage): string {
  const found = legs.map(
    ({ leg, rank, score, deviations }) =>
      `${LEG_WORDS[leg]} (${[
        rank === undefined ? 'not among its own' : `rank ${rank}`,
        score.toFixed(2),
        ...(deviations === undefined ? [] : [`${deviations.toFixed(1)} deviations above the mean`]),
      ].join(', ')})`,
  );
  const [first] = sentences;
  const changed =
    first?.modifiedAt === undefined
      ? ''
      : `, changed ${new Date(first.modifiedAt).toISOString().slice(0, 10)}`;
  return `found by ${found.join(' and ') || 'its place'} in version ${first?.documentVersion ?? '?'}${changed}`;
}

/** How the legs were added. */
function weightLine(weight: number): string {
  const words = Math.round(100 * (1 - weight)) / 100;
  return `added: ${weight} × meaning + ${words} × words, in deviations (cadre collections fit changes it)`;
}

/** How far a spoke came with the best passages. */
export function rerankLine({ spoke, read, of, ms }: Rerank): string {
  return `rerank: ${read} of ${of} read by ${safeLine(spoke)} in ${formatMs(ms)}`;
}

/** One line for each leg that would have helped, and why it is missing. */
export function missingLines({ missingLegs = [] }: Pick<SearchResult, 'missingLegs'>): string[] {
  return missingLegs.map(({ leg, reason }) => `not by ${LEG_WORDS[leg]}: ${safeLine(reason)}`);
}
