import type { ChatRequest, TokenLogprob } from '../core/chat.ts';
import type { Config } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { DocumentEdition } from '../core/evidence.ts';
import type { PassageReader } from '../ground/read-again.ts';
import { passageQuestion } from '../run/passage-question.ts';
import { readVerdict, VERDICT_ALTERNATIVES } from '../run/reading-verdict.ts';

/** A question about one passage and the document that it quotes. */
type AskOfPassage = (
  asked: { readonly request: ChatRequest; readonly standsOn: readonly DocumentEdition[] },
  signal: AbortSignal,
) => AsyncIterable<CadreEvent>;

/** A spoke that reads passages of a collection; `ask` makes a request of its own of each. */
export function passageReader(
  { rerankBy: spoke }: Pick<Config['ground'], 'rerankBy'>,
  collection: string,
  ask: AskOfPassage,
): PassageReader {
  return {
    spoke,
    async doRead(query, { sentences, documentId, documentVersion }, { signal }) {
      const request: ChatRequest = {
        model: spoke,
        messages: passageQuestion(query, sentences),
        sampling: { temperature: 0 },
        maxTokens: 1,
        logprobs: VERDICT_ALTERNATIVES,
      };
      const standsOn = [{ collection, documentId, documentVersion }];
      const logprobs: TokenLogprob[] = [];
      for await (const event of ask({ request, standsOn }, signal)) {
        if (event.type === 'text-delta') logprobs.push(...(event.logprobs ?? []));
        if (event.type !== 'request-failed') continue;
        // The document was changed, deleted or closed since it was found: it is shown to nobody.
        if (event.code === 'conflict') return undefined;
        throw new CadreError(event.code, event.message);
      }
      return readVerdict(logprobs);
    },
  };
}
