import type { Classification } from '../core/classification.ts';
import type { DeviceLink, DevicePlace, Devices } from '../core/device.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';

/** Pages in all, and texts that one page has before it: more are refused. */
const MOST_PAGES = 64;
const MOST_TEXTS = 32;

/** Who of a model’s pages serves whom, and what it tells apart. */
export interface DeviceStanding {
  readonly labels: readonly string[];
  /** Whose pages. */
  readonly keys: readonly string[];
}

interface Page {
  readonly key: string;
  readonly model: string;
  readonly labels: readonly string[];
  readonly link: DeviceLink;
  readonly waiting: Map<number, Waiting>;
}

interface Waiting {
  readonly resolve: (classification: Classification) => void;
  readonly reject: (error: unknown) => void;
}

/** A page went away, or never was: the text may be given to another. */
class PageLeft extends Error {}

/**
 * The pages that run models on their own machines. A page answers its own caller alone; it may vanish
 * at any moment, and what it had before it then goes to another page of that caller, where there is one.
 */
export class DevicePool {
  readonly #pages = new Set<Page>();
  /** By model, since the last page came or left. */
  readonly #standings = new Map<string, DeviceStanding>();
  #asked = 0;

  join(...[caller, { model, labels }, link]: Parameters<Devices['join']>): DevicePlace {
    if (this.#pages.size >= MOST_PAGES)
      throw new CadreError('overloaded', `${MOST_PAGES} pages serve already`, { retryAfter: 30 });
    const page: Page = { key: caller.key, model, labels, link, waiting: new Map() };
    this.#pages.add(page);
    this.#standings.delete(model);
    return {
      answer: (id, classification) => page.waiting.get(id)?.resolve(classification),
      refuse: (id, reason) =>
        page.waiting
          .get(id)
          ?.reject(
            failed(`the page that runs ${model} could not answer: ${reason}`, 'server-error'),
          ),
      leave: () => {
        this.#pages.delete(page);
        this.#standings.delete(model);
        for (const one of page.waiting.values()) one.reject(new PageLeft());
      },
    };
  }

  /** The same object until a page comes or leaves; undefined = no page runs the model. */
  standingOf(model: string): DeviceStanding | undefined {
    const known = this.#standings.get(model);
    if (known !== undefined) return known;
    const pages = [...this.#pages].filter((page) => page.model === model);
    const [first] = pages;
    const standing = first && {
      labels: first.labels,
      keys: [...new Set(pages.map(({ key }) => key))],
    };
    // A name that is asked for and never served must not fill the memory.
    if (standing !== undefined) this.#standings.set(model, standing);
    return standing;
  }

  /**
   * One text by a page of the key. Rejects with `model_unavailable` where none runs the model,
   * `overloaded`, `upstream_failed` where all left, or the signal's reason.
   */
  async ask(
    key: string,
    model: string,
    text: string,
    { signal }: CallOptions,
  ): Promise<Classification> {
    let hasLeft = false;
    for (;;) {
      signal.throwIfAborted();
      const page = this.#leastBusy(key, model);
      if (page === undefined) throw hasLeft ? left(model) : missing(model);
      if (page.waiting.size >= MOST_TEXTS)
        throw new CadreError(
          'overloaded',
          `the page that runs ${model} has ${MOST_TEXTS} texts before it`,
          { retryAfter: 1 },
        );
      try {
        return await this.#askPage(page, text, signal);
      } catch (error) {
        if (!(error instanceof PageLeft)) throw error;
        hasLeft = true;
      }
    }
  }

  #askPage(page: Page, text: string, signal: AbortSignal): Promise<Classification> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Classification>();
    const stop = () => {
      page.link.forget(id);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    page.waiting.set(id, { resolve, reject });
    page.link.ask(id, text);
    return promise.finally(() => {
      page.waiting.delete(id);
      signal.removeEventListener('abort', stop);
    });
  }

  #leastBusy(key: string, model: string): Page | undefined {
    let best: Page | undefined;
    for (const page of this.#pages)
      if (page.key === key && page.model === model)
        best = best === undefined || page.waiting.size < best.waiting.size ? page : best;
    return best;
  }
}

function failed(message: string, fault: 'server-error' | 'unreachable'): CadreError {
  return new CadreError('upstream_failed', message, { fault });
}

function left(model: string): CadreError {
  return failed(`the page that runs ${model} left before it answered`, 'unreachable');
}

function missing(model: string): CadreError {
  return new CadreError(
    'model_unavailable',
    `no page of yours runs ${model}; open “This device” in the console and let it serve`,
  );
}
