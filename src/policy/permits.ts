import type { PolicyVerdict } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import { isLabel, type Label } from '../core/label.ts';
import type { Permit } from '../core/permit.ts';
import { LOCAL } from './verdict.ts';

/**
 * Where nothing of a request goes: places that models or documents are fetched from, a gateway that
 * the operator names to have it checked with questions of our own, and a server of models that is
 * asked which of them it has in memory, or told to load one.
 */
const WITHOUT_REQUEST = ['registry:', 'gateway:', 'documents:', 'models:'];

export type PermitWish = {
  readonly destination: string;
  readonly requestId: string;
  /** US dollars. */
  readonly budget: number;
  readonly ttlMs: number;
} & (
  | { readonly verdict: PolicyVerdict }
  /** Without a request there is no verdict: only `registry:…`, `documents:…`, `models:…` or `gateway:…`, and only public data. */
  | { readonly label: Label }
);

export interface PermitOffice {
  /** Throws `egress_refused` where the verdict does not allow the destination, or in any doubt. */
  issue(wish: PermitWish): Permit;
  /** Why a permit does not open a connection to the destination now; undefined = it does. */
  refusal(permit: Permit | undefined, destination: string): string | undefined;
}

/**
 * A permit that an office made. Which office is a private field: nothing outside this module can
 * read, copy or forge it, so a permit is proved by being the very object that was issued. An
 * authenticator over the fields would say the same for 40 µs more per request.
 */
class IssuedPermit implements Permit {
  readonly destination: string;
  readonly label: Label;
  readonly requestId: string;
  readonly budget: number;
  readonly expires: number;
  readonly #office: object;

  constructor(office: object, fields: Permit) {
    this.#office = office;
    this.destination = fields.destination;
    this.label = fields.label;
    this.requestId = fields.requestId;
    this.budget = fields.budget;
    this.expires = fields.expires;
    Object.freeze(this);
  }

  static isFrom(office: object, permit: Permit): boolean {
    return #office in permit && permit.#office === office;
  }
}

export function createPermitOffice({ now }: { readonly now: () => number }): PermitOffice {
  const office = {};
  return {
    issue(wish) {
      const label =
        'verdict' in wish ? labelOfVerdict(wish.verdict, wish) : labelWithoutRequest(wish);
      const { destination, requestId, budget, ttlMs } = wish;
      if (!(budget >= 0) || !(ttlMs > 0))
        throw refused(destination, `a budget of ${budget} dollars for ${ttlMs} ms is no leave`);
      const expires = now() + ttlMs;
      return new IssuedPermit(office, { destination, label, requestId, budget, expires });
    },
    refusal(permit, destination) {
      if (permit === undefined) return 'there is no permit';
      if (!IssuedPermit.isFrom(office, permit)) return 'the permit was not issued by policy';
      if (permit.destination !== destination)
        return `the permit is for ${permit.destination}, not for ${destination}`;
      if (!(now() < permit.expires)) return 'the permit has expired';
      return undefined;
    },
  };
}

function labelOfVerdict(verdict: PolicyVerdict, { destination }: PermitWish): Label {
  if (destination === LOCAL) throw refused(destination, 'this machine needs no connection');
  const found = verdict.destinations.filter((one) => one.destination === destination);
  const [only] = found;
  if (only === undefined) throw refused(destination, 'the verdict does not name it');
  if (found.length > 1) throw refused(destination, 'the verdict names it more than once');
  if (only.allowed !== true) throw refused(destination, only.reason);
  if (!isLabel(verdict.label)) throw refused(destination, 'the verdict has no label');
  return verdict.label;
}

function labelWithoutRequest(wish: PermitWish & { readonly label: Label }): Label {
  if (!WITHOUT_REQUEST.some((prefix) => wish.destination.startsWith(prefix)))
    throw refused(wish.destination, 'a request’s verdict is needed');
  if (wish.label !== 'public')
    throw refused(wish.destination, `${wish.label} data never goes there without a request`);
  return wish.label;
}

function refused(destination: string, reason: string): CadreError {
  return new CadreError('egress_refused', `nothing may be sent to \`${destination}\`: ${reason}`);
}
