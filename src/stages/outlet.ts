import type { CadreEvent } from '../core/events.ts';
import type { EvidenceSentence } from '../core/evidence.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';

/**
 * Where the words of one attempt go. A caller who reads only whole answers has seen nothing before
 * the end, so everything is held until then and another spoke can still answer in its place.
 */
export class Outlet {
  /** Something passed its checks: what comes later no longer leads to another spoke. */
  begun = false;
  /** The caller may have seen something: it cannot be taken back. */
  released = false;
  readonly #life: Life;
  readonly #plan: AttemptPlan;
  readonly #held: CadreEvent[] = [];

  /** Nothing is shown before the whole answer passed: any sentence may still end it. */
  readonly isWhole: boolean;
  readonly #onHeard: () => void;
  #isHeard = false;

  /** `onHeard` is called once, when the model begins to speak. */
  constructor(life: Life, plan: AttemptPlan, isWhole: boolean, onHeard: () => void) {
    this.#life = life;
    this.#plan = plan;
    this.isWhole = isWhole;
    this.#onHeard = onHeard;
  }

  /** What the held words stand on. */
  get cited(): readonly EvidenceSentence[] {
    return this.#held.flatMap((event) =>
      event.type === 'text-delta' ? (event.citations ?? []).map((one) => one.sentence) : [],
    );
  }

  /** The model speaks, whatever becomes of its words. */
  hear(): void {
    if (this.#isHeard) return;
    this.#isHeard = true;
    this.#plan.onBegun?.();
    this.#onHeard();
  }

  /** True when the event is held; false when it is to be shown now. */
  holds(event: CadreEvent): boolean {
    this.begun = true;
    if (this.#life.call.whole !== true && !this.isWhole) {
      this.open();
      return false;
    }
    this.#held.push(event);
    return true;
  }

  *flush(): Generator<CadreEvent, void> {
    for (const event of this.#held.splice(0)) {
      this.open();
      yield this.#life.see(event);
    }
  }

  /** From here on the caller may see what comes; throws where another attempt was faster. */
  open(): void {
    this.begun = true;
    if (this.released) return;
    this.#plan.claim?.();
    this.released = true;
    this.hear();
  }
}
