import type { PolicyVerdict } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import { isLabel, type Label } from '../core/label.ts';
import type { Permit } from '../core/permit.ts';
import { LOCAL } from './verdict.ts';

/**
 * Where nothing of a request goes: places that models are fetched from, and a gateway that the
 * operator names to have it checked with questions of our own.
 */
const WITHOUT_REQUEST = ['registry:', 'gateway:'];

export type PermitWish = {
  readonly destination: string;
  readonly requestId: string;
  /** US dollars. */
  readonly budget: number;
  readonly ttlMs: number;
} & (
  | { readonly verdict: PolicyVerdict }
  /** Without a request there is no verdict: only `registry:…` or `gateway:…`, and only public data. */
  | { readonly label: Label }
);

export interface PermitOffice {
  /** Throws `egress_refused` where the verdict does not allow the destination, or in any doubt. */
  issue(wish: PermitWish): Permit;
  /** Why a permit does not open a connection to the destination now; undefined = it does. */
  refusal(permit: Permit | undefined, destination: string): string | undefined;
}

/** `seal` is an authenticator with a key that this process made and keeps (HMAC). */
export function createPermitOffice(options: {
  readonly seal: (text: string) => string;
  readonly now: () => number;
}): PermitOffice {
  const { seal, now } = options;
  return {
    issue(wish) {
      const label =
        'verdict' in wish ? labelOfVerdict(wish.verdict, wish) : labelWithoutRequest(wish);
      const { destination, requestId, budget, ttlMs } = wish;
      if (!(budget >= 0) || !(ttlMs > 0))
        throw refused(destination, `a budget of ${budget} dollars for ${ttlMs} ms is no leave`);
      const permit = { destination, label, requestId, budget, expires: now() + ttlMs };
      return { ...permit, seal: seal(textOf(permit)) };
    },
    refusal(permit, destination) {
      if (permit === undefined) return 'there is no permit';
      if (!isSame(permit.seal, seal(textOf(permit)))) return 'the permit was not issued by policy';
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

/** Every field in a form that no two permits share. */
function textOf(permit: Omit<Permit, 'seal'>): string {
  const { destination, label, requestId, budget, expires } = permit;
  return JSON.stringify([destination, label, requestId, String(budget), String(expires)]);
}

/** Takes the same time wherever two seals differ, so that none can be guessed mark by mark. */
function isSame(given: unknown, right: string): boolean {
  if (typeof given !== 'string' || given.length !== right.length || right === '') return false;
  let difference = 0;
  for (let at = 0; at < right.length; at += 1)
    difference |= given.charCodeAt(at) ^ right.charCodeAt(at);
  return difference === 0;
}
