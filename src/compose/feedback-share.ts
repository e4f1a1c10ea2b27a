import { type Caller, OPERATOR } from '../core/call.ts';
import type { KeyStore } from '../core/stores.ts';

/** Two bad grades alone are too few for an alarm, whatever was expected: a third must be another key's. */
const MOST_ALONE = 2;

/**
 * How much of what the gate learns of a spoke one key may say: at most two grades more than all others
 * together, so that no key ends the farm's promise alone. Operators, and the key of a farm that has no
 * other one, are believed without a limit. Counted since the farm was started.
 */
export class FeedbackShare {
  readonly #store: Pick<KeyStore, 'doListKeys'>;
  /** Grades that counted, by spoke and key. */
  readonly #counted = new Map<string, Map<string, number>>();

  constructor(store: Pick<KeyStore, 'doListKeys'>) {
    this.#store = store;
  }

  /** Whether what the caller says of a spoke counts, which is then counted. */
  async doTake(spoke: string, { key, principals }: Pick<Caller, 'key' | 'principals'>) {
    const isFree = principals.includes(OPERATOR) || (await this.#isOnlyKey());
    const counted = this.#counted.get(spoke) ?? new Map<string, number>();
    this.#counted.set(spoke, counted);
    const own = counted.get(key) ?? 0;
    const all = [...counted.values()].reduce((sum, one) => sum + one, 0);
    if (!isFree && own >= all - own + MOST_ALONE) return false;
    counted.set(key, own + 1);
    return true;
  }

  async #isOnlyKey(): Promise<boolean> {
    const keys = await this.#store.doListKeys();
    const ordinary = keys.filter(
      ({ principals, revokedAt }) => revokedAt === undefined && !principals.includes(OPERATOR),
    );
    return ordinary.length <= 1;
  }
}
