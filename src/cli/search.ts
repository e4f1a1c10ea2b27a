import type { SearchResult } from '../core/farm.ts';
import { counted } from '../main.ts';
import { placeOf } from './answer-text.ts';
import { type Command, numberFlag, textFlag, UsageError, withFarm } from './command.ts';
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
  },
  async run(input) {
    const collection = textFlag(input, 'in');
    const query = input.words.join(' ').trim();
    if (collection === undefined || query === '')
      throw new UsageError('name the collection and the query');
    const limit = numberFlag(input, 'limit', { least: 1, most: 50, whole: true }) ?? 5;
    return withFarm(input, async (client) => {
      const result = (await client.doSend(
        'POST',
        `/cadre/v1/collections/${encodeURIComponent(collection)}/search`,
        { query, limit },
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
        print(`  ${passage.sentences.map((sentence) => safeLine(sentence.text)).join(' ')}\n`);
      }
      note(
        paint(
          'dim',
          `${counted(result.passages.length, 'passage')} by ${result.legs.join(' + ')} in ${formatMs(result.ms)}, index version ${result.indexVersion}`,
          process.stderr,
        ),
      );
      return 0;
    });
  },
};
