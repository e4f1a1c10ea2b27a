import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

type Ask = (plan: AttemptPlan) => AsyncGenerator<CadreEvent, AttemptResult>;
type Step = IteratorResult<CadreEvent, AttemptResult>;

interface Runner {
  readonly plan: AttemptPlan;
  readonly events: AsyncGenerator<CadreEvent, AttemptResult>;
  readonly stop: AbortController;
  pending: Promise<{ readonly runner: Runner; readonly step: Step }>;
}

export interface Hedge {
  readonly first: AttemptPlan;
  /** Called when the second one is really asked. */
  readonly second: () => AttemptPlan;
  readonly afterMs: number;
}

/**
 * Asks a second spoke beside the first when the first has said nothing after `afterMs`; one that speaks
 * is left to it, though its words may be held to their end. The first whose words are shown wins and
 * the other is stopped; until then, one that fails leaves the other to it.
 */
export async function* hedge(
  { upstreams }: PipelineParts,
  life: Life,
  ask: Ask,
  { first: plan, second, afterMs }: Hedge,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const race = new Race(life, ask);
  const timer = new AbortController();
  let hasBegun = false;
  const onBegun = () => {
    hasBegun = true;
    timer.abort();
  };
  try {
    const first = race.start({ ...plan, onBegun });
    // Where the first one speaks while it is waited for, what it says next is what counts.
    const slow = upstreams.wait(afterMs, timer).then(
      () => 'slow' as const,
      () => first.pending,
    );
    slow.catch(() => undefined);
    let reached: Awaited<Runner['pending']> | 'slow' = await Promise.race([first.pending, slow]);
    while (reached !== 'slow') {
      if (reached.step.done === true) return reached.step.value;
      yield reached.step.value;
      race.advance(first);
      reached = hasBegun ? await first.pending : await Promise.race([first.pending, slow]);
    }
    const other = second();
    const [from, to] = [plan.spoke.config.id, other.spoke.config.id];
    yield life.see({ type: 'hedge-started', from, to, afterMs });
    race.start(other);
    return yield* race.run();
  } finally {
    timer.abort();
    await race.end();
  }
}

class Race {
  winner: Runner | undefined;
  readonly #life: Life;
  readonly #ask: Ask;
  readonly #runners: Runner[] = [];

  constructor(life: Life, ask: Ask) {
    this.#life = life;
    this.#ask = ask;
  }

  start(plan: AttemptPlan): Runner {
    const stop = new AbortController();
    const signal = AbortSignal.any([plan.signal, stop.signal]);
    const events = this.#ask({ ...plan, hedged: true, signal, claim: () => this.#claim(runner) });
    const runner: Runner = { plan, events, stop, pending: Promise.reject() };
    runner.pending.catch(() => undefined);
    this.#runners.push(runner);
    this.advance(runner);
    return runner;
  }

  advance(runner: Runner): void {
    runner.pending = runner.events.next().then((step) => ({ runner, step }));
    // Whoever waits for it sees the failure; a loser that nobody waits for may fail in peace.
    runner.pending.catch(() => undefined);
  }

  /** Hands on what the runners tell until the winner, or the last of them, is done. */
  async *run(): AsyncGenerator<CadreEvent, AttemptResult> {
    const running = new Set(this.#runners);
    const results = new Map<Runner, AttemptResult>();
    let isTold = false;
    while (running.size > 0) {
      const { runner, step } = await Promise.race([...running].map((one) => one.pending));
      if (step.done === true) {
        running.delete(runner);
        results.set(runner, step.value);
        continue;
      }
      const loser = this.#runners.find((one) => one !== runner);
      if (runner === this.winner && loser !== undefined && !isTold) {
        isTold = true;
        const [spoke, other] = [runner.plan.spoke.config.id, loser.plan.spoke.config.id];
        yield this.#life.see({ type: 'hedge-won', spoke, loser: other });
      }
      yield step.value;
      this.advance(runner);
    }
    const released = [...results.values()].find((one) => one.outcome === 'released');
    // Where nobody answered, what befell the first spoke is what the caller hears.
    const [first] = this.#runners.flatMap((one) => results.get(one) ?? []);
    const result = released ?? first;
    if (result === undefined) throw new CadreError('internal', 'a hedge ended without a result');
    return result;
  }

  /** Stops whoever still runs and waits until what they held is given back. */
  async end(): Promise<void> {
    for (const one of this.#runners) one.stop.abort(this.#stopped());
    const ends = this.#runners.map(async ({ events }) => {
      // A generator that was never read to its end settles here; its result is nobody's any more.
      await events.return({ outcome: 'refused', reason: 'stopped' });
    });
    await Promise.allSettled(ends);
  }

  #claim(runner: Runner): void {
    this.winner ??= runner;
    if (this.winner !== runner) throw this.#stopped();
    for (const one of this.#runners) if (one !== runner) one.stop.abort(this.#stopped());
  }

  #stopped(): CadreError {
    const faster = this.winner?.plan.spoke.config.id;
    return new CadreError(
      'cancelled',
      faster === undefined ? 'the request ended' : `${faster} began to answer sooner`,
    );
  }
}
