import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';

/**
 * Lets an answer that broke off be given from its beginning again to somebody who saw a part of it:
 * the part is swallowed the second time. Nothing that was shown is taken back, so a repetition that
 * differs is an error.
 */
export class RepetitionGuard {
  /** Text shown per choice. */
  readonly #shown = new Map<number, string>();
  #sawOthers = false;
  /** Per choice, characters that the repetition still owes; undefined while nothing is repeated. */
  #owed: Map<number, string> | undefined;

  get hasShown(): boolean {
    return this.#sawOthers || this.#shown.size > 0;
  }

  /** The answer begins again. */
  restart(): void {
    if (this.#sawOthers) throw differs();
    this.#owed = new Map(this.#shown);
  }

  /** The event as it may be shown; undefined for what was shown before. Throws `upstream_failed`. */
  pass(event: CadreEvent): CadreEvent | undefined {
    if (event.type === 'thinking-delta' || event.type === 'tool-call-delta') {
      if (this.#owes()) throw differs();
      this.#sawOthers = true;
      return event;
    }
    if (event.type === 'choice-ended' && this.#owed?.get(event.choice)) throw differs();
    if (event.type !== 'text-delta') return event;
    const owed = this.#owed?.get(event.choice) ?? '';
    if (owed === '') {
      this.#shown.set(event.choice, (this.#shown.get(event.choice) ?? '') + event.text);
      return event;
    }
    return this.#swallow(event, owed);
  }

  #swallow(
    event: Extract<CadreEvent, { type: 'text-delta' }>,
    owed: string,
  ): CadreEvent | undefined {
    const length = Math.min(owed.length, event.text.length);
    if (owed.slice(0, length) !== event.text.slice(0, length)) throw differs();
    this.#owed?.set(event.choice, owed.slice(length));
    const fresh = event.text.slice(length);
    if (fresh === '') return undefined;
    this.#shown.set(event.choice, (this.#shown.get(event.choice) ?? '') + fresh);
    return { ...event, text: fresh };
  }

  #owes(): boolean {
    return [...(this.#owed?.values() ?? [])].some((text) => text !== '');
  }
}

function differs(): CadreError {
  return new CadreError(
    'upstream_failed',
    'the request whose answer was shared ended, and the answer could not be continued',
  );
}
