import type { PackedTokens } from '../../base/late-interaction.ts';

/** Bytes of token vectors that are kept; a passage of 170 tokens has 65 kB. */
const MOST_BYTES = 96 * 1024 * 1024;

/** Token vectors of the texts that were asked for last. */
export class TokenCache {
  readonly #kept = new Map<string, PackedTokens>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get(key: string): PackedTokens | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  put(key: string, tokens: PackedTokens): void {
    this.#drop(key);
    this.#kept.set(key, tokens);
    this.#bytes += tokens.rows.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.rows.length ?? 0;
    this.#kept.delete(key);
  }
}
