import type { RouteDecision } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import { FAULT_TABLE } from '../core/fault.ts';
import type { AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { SpokeRuntime } from './parts.ts';

type Missed = Exclude<AttemptResult, { outcome: 'released' }>;

/** The spokes of one route: who is asked after whom, and who was asked already. */
export class Rungs {
  readonly chosen: SpokeRuntime;
  readonly hedge: SpokeRuntime | undefined;
  /** The spoke whose words were shown. */
  answering: SpokeRuntime;
  readonly #cascade: readonly SpokeRuntime[];
  readonly #standbys: readonly SpokeRuntime[];
  readonly #others: readonly SpokeRuntime[];
  readonly #asked = new Set<string>();

  constructor(life: Life, decision: RouteDecision) {
    const find = (id: string) => life.spokes.find((spoke) => spoke.config.id === id);
    const chosen = find(decision.spoke);
    if (chosen === undefined)
      throw new CadreError('no_spoke', `the spoke ${decision.spoke} is gone`);
    this.chosen = chosen;
    this.answering = chosen;
    this.hedge = decision.hedge === undefined ? undefined : find(decision.hedge);
    this.#cascade = decision.cascade.flatMap((id) => find(id) ?? []);
    this.#standbys = (decision.fallback ?? []).flatMap((id) => find(id) ?? []);
    const candidates = decision.candidates.flatMap((one) => find(one.spoke) ?? []);
    this.#others = candidates.filter(
      (one) => isLocal(one) && one.config.kind === chosen.config.kind,
    );
  }

  get all(): readonly SpokeRuntime[] {
    return [this.chosen, ...this.#cascade, ...this.#standbys];
  }

  /** Marks it as asked. */
  take(spoke: SpokeRuntime): SpokeRuntime {
    this.#asked.add(spoke.config.id);
    this.answering = spoke;
    return spoke;
  }

  /** Whether another one follows when this one's answer does not pass its checks. */
  hasCascade(spoke: SpokeRuntime): boolean {
    return this.#cascade.some((one) => one !== spoke && this.#isFresh(one));
  }

  hasAfter(spoke: SpokeRuntime, missed: Missed): boolean {
    return this.after(spoke, missed) !== undefined;
  }

  /**
   * Who is asked next: after an answer that did not pass, the next of the cascade; after trouble, the
   * first stand-in that may help, and where the trouble is a local model's, at last the other local
   * candidates of the gate, the best first: they cost no money and send nothing away. Nobody, where the
   * trouble is the caller's own to hear. `failure` is the trouble that led to a rung which was not asked.
   */
  after(spoke: SpokeRuntime, missed: Missed, failure?: CadreError): SpokeRuntime | undefined {
    const error = missed.outcome === 'failed' ? missed.error : failure;
    if (missed.outcome === 'refused' || error === undefined)
      return this.#cascade.find((one) => one !== spoke && this.#isFresh(one));
    const elsewhere = isUnfit(spoke, error) || elsewhereFor(error);
    if (elsewhere === false) return undefined;
    const others = isLocal(spoke) ? this.#others : [];
    return [...this.#standbys, ...this.#cascade, ...others].find(
      (one) =>
        one !== spoke &&
        this.#isFresh(one) &&
        (elsewhere === true || one.gate.contextLength > spoke.gate.contextLength),
    );
  }

  #isFresh(spoke: SpokeRuntime): boolean {
    return !this.#asked.has(spoke.config.id);
  }
}

function isLocal({ gate }: SpokeRuntime): boolean {
  return gate.destination === 'local';
}

/** A classifier has nothing for the answer's form; another kind of spoke writes one. */
function isUnfit({ config }: SpokeRuntime, { code, param }: CadreError): boolean {
  return config.kind === 'classifier' && code === 'invalid_request' && param === 'response_format';
}

function elsewhereFor(error: CadreError): boolean | 'larger' {
  if (error.fault !== undefined) return FAULT_TABLE[error.fault].elsewhere;
  return error.code === 'context_length_exceeded' ? 'larger' : error.retryable;
}
