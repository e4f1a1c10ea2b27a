import { wilsonInterval } from '../base/statistics.ts';
import type { Receipt } from '../core/receipt.ts';
import type { ShadowAgreement, ShadowOutcome } from '../core/shadow.ts';

type Told = Pick<Receipt, 'at' | 'outcome' | 'shadow'>;

interface Cell extends Pick<ShadowAgreement, 'spoke' | 'beside' | 'task'> {
  answers: number;
  compared: number;
  agreement: number;
}

/** Cells that are kept: spokes × spokes × tasks; a farm has dozens. */
const CELLS_MOST = 2000;
/** Answers after which a kind of request is known to be answered in free text, and most that can be compared then. */
const FREE_TEXT_LEAST = 20;
const FREE_TEXT_SHARE = 0.05;

/** What shadow runs used on each day, and how often spokes agreed; folded from their receipts. */
export class ShadowTally {
  readonly #seconds = new Map<string, number>();
  readonly #cells = new Map<string, Cell>();
  /** By task: answers of a reference that was asked again, and those that could be compared. */
  readonly #yardsticks = new Map<string, { asked: number; compared: number }>();
  answers = 0;
  graded = 0;
  failed = 0;

  add({ at, outcome, shadow }: Told): void {
    if (shadow === undefined) return;
    const day = dayOf(at);
    this.#seconds.set(day, this.secondsOn(day) + shadow.seconds);
    if (outcome === 'failed') this.failed += 1;
    if (outcome !== 'answered') return;
    this.answers += 1;
    if (shadow.grades.length > 0) this.graded += 1;
    this.#countYardstick(shadow);
    const cell = this.#cellOf(shadow);
    if (cell === undefined) return;
    cell.answers += 1;
    if (shadow.agreement === undefined) return;
    cell.compared += 1;
    cell.agreement += shadow.agreement;
  }

  /** CPU seconds used on a day (UTC), e.g. `2026-11-23`. */
  secondsOn(day: string): number {
    return this.#seconds.get(day) ?? 0;
  }

  /** How often a spoke was one of the two in requests of a kind. */
  answersOf(spoke: string, task: string): number {
    let sum = 0;
    for (const cell of this.#cells.values())
      if (cell.task === task && (cell.spoke === spoke || cell.beside === spoke))
        sum += cell.answers;
    return sum;
  }

  /** Whether requests of a kind are answered in free text, so that asking the reference shows next to nothing. */
  isFreeText(task: string): boolean {
    const { asked = 0, compared = 0 } = this.#yardsticks.get(task) ?? {};
    return asked >= FREE_TEXT_LEAST && compared < FREE_TEXT_SHARE * asked;
  }

  #countYardstick({ spoke, reference, task, agreement }: ShadowOutcome): void {
    if (spoke !== reference) return;
    const { asked, compared } = this.#yardsticks.get(task) ?? { asked: 0, compared: 0 };
    const isCompared = agreement !== undefined;
    this.#yardsticks.set(task, { asked: asked + 1, compared: compared + (isCompared ? 1 : 0) });
  }

  /** The most frequent first. */
  agreements(): ShadowAgreement[] {
    return [...this.#cells.values()]
      .toSorted((one, other) => other.answers - one.answers)
      .map(({ agreement, ...cell }) => {
        if (cell.compared === 0) return cell;
        const { low, high } = wilsonInterval(agreement, cell.compared);
        return { ...cell, agreement: agreement / cell.compared, low, high };
      });
  }

  #cellOf({ served, spoke, task, reference }: ShadowOutcome): Cell | undefined {
    // The reference stands beside the one that is measured by it.
    const pair = spoke === reference ? { spoke: served, beside: spoke } : { spoke, beside: served };
    const key = JSON.stringify([pair.spoke, pair.beside, task]);
    const known = this.#cells.get(key);
    if (known !== undefined || this.#cells.size >= CELLS_MOST) return known;
    const cell = { ...pair, task, answers: 0, compared: 0, agreement: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** The UTC day of a time in ms since the epoch. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
