import type { CadreEvent } from '../core/events.ts';
import { type DocumentEdition, joinEditions } from '../core/evidence.ts';

/** Folds what the pipeline tells about one request into the documents that its answer stands on. */
export class AnswerGrounds {
  #found: readonly DocumentEdition[] = [];
  #standsOn: readonly DocumentEdition[];

  /** `standsOn`: of answers in the request's messages. */
  constructor(standsOn: readonly DocumentEdition[] = []) {
    this.#standsOn = standsOn;
  }

  observe(event: CadreEvent): void {
    switch (event.type) {
      case 'source-found':
        this.#found = joinEditions(this.#found, event.passage.sentences);
        break;
      case 'text-delta': {
        const { citations = [], text } = event;
        if (citations.length > 0) this.add(citations.map((one) => one.sentence));
        // Without citations it may come from anything that was found.
        else if (text.trim() !== '') this.add(this.#found);
        break;
      }
      case 'answer-relayed':
      case 'thinking-delta':
      case 'tool-call-delta':
        this.add(this.#found);
        break;
      case 'sources-differ':
        this.add(event.contradictions.flatMap((one) => one.sentences));
        break;
      case 'answer-abstained':
        this.add(event.abstention.nearest.flatMap((one) => one.sentences));
        break;
      default:
    }
  }

  /** Words of these documents may be in the answer too. */
  add(editions: readonly DocumentEdition[] = []): void {
    if (editions.length > 0) this.#standsOn = joinEditions(this.#standsOn, editions);
  }

  get standsOn(): readonly DocumentEdition[] | undefined {
    return this.#standsOn.length === 0 ? undefined : this.#standsOn;
  }

  /** Documents whose words a delegated request may hold. */
  get shown(): readonly DocumentEdition[] {
    return joinEditions(this.#standsOn, this.#found);
  }
}
