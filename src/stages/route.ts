import type { Call } from '../core/call.ts';
import type { PolicyVerdict, Rejection, RouteDecision } from '../core/decision.ts';
import { CadreError, type ErrorCode } from '../core/errors.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import { decideRoute, type GateInput, type GateSpoke } from '../gate/route.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';
import { pinOf } from './pin.ts';

/** P(right) that the model name asks for: `auto:best` wants the best there is. */
function promiseOf(
  model: string,
  gate: { readonly promise: number; readonly promiseCheap: number },
): number {
  if (model === 'auto:best') return 1;
  return model === 'auto:cheap' ? gate.promiseCheap : gate.promise;
}

/** What of a fitted gate decides beside its estimates. */
function promiseInForce({
  certificate,
  scope,
  suspension,
  safeSpoke,
  safeAmong,
}: Omit<GateInForce, 'estimator' | 'explore' | 'checker'>): Pick<
  GateInput,
  'certificate' | 'scope' | 'suspension' | 'safeSpoke' | 'safeAmong'
> {
  return {
    ...(certificate === undefined ? {} : { certificate }),
    ...(scope === undefined ? {} : { scope }),
    ...(suspension === undefined ? {} : { suspension }),
    ...(safeSpoke === undefined ? {} : { safeSpoke }),
    ...(safeAmong === undefined ? {} : { safeAmong }),
  };
}

/** Whether nothing of the answer is shown before it is whole; a stream of prose would wait for the check. */
function isHeld({ request, whole }: Call): boolean {
  return whole === true || (request.responseFormat?.type ?? 'text') !== 'text';
}

/** Asks the gate; where no spoke is left the reasons become the caller's error. */
export function chooseRoute(
  parts: PipelineParts,
  life: Life,
  verdict: PolicyVerdict,
  evidence: Evidence | undefined,
  { mayExplore }: { readonly mayExplore: boolean },
): RouteDecision {
  const { call } = life;
  const { named, standbys } = life.wanted;
  const pinned = pinOf(parts, call);
  const { estimator, explore, checker, ...inForce } = parts.gate();
  const share = parts.config.gate.explore;
  const isExploring = mayExplore && share > 0 && call.depth === 0;
  const result = decideRoute(
    {
      request: call.request,
      verdict,
      spokes: [...named, ...standbys],
      ...(standbys.length === 0 ? {} : { standbys: standbys.map((one) => one.id) }),
      promise: promiseOf(call.request.model, parts.config.gate),
      promptTokens:
        life.promptTokens + (evidence?.required ? parts.config.ground.evidenceTokens : 0),
      mostPromptTokens: life.mostPromptTokens,
      depth: call.depth,
      budgetLeft: life.budgetLeft,
      ...(evidence
        ? {
            evidence: {
              strength: evidence.strength,
              collection: evidence.collection,
              required: evidence.required,
            },
          }
        : {}),
      ...(pinned ? { pinned } : {}),
      // The dials and names ask for something else than what was certified.
      ...(call.request.model === 'auto' ? promiseInForce(inForce) : {}),
      ...(checker !== undefined && isHeld(call) ? { checks: checker.power } : {}),
      ...(call.request.model === 'auto' && explore !== undefined && isExploring
        ? { explore: (...where) => explore(share, ...where) }
        : {}),
    },
    estimator,
  );
  if ('rejected' in result) throw refusalOf(result.rejected, waitOf(parts, named));
  return result.decision;
}

/**
 * Refuses a prompt that no spoke can hold, before anybody reads it for its label: scanning a
 * megabyte takes about 0.2 s.
 */
export function refuseTooLong(life: Pick<Life, 'promptTokens' | 'wanted'>): void {
  const { named, standbys } = life.wanted;
  const spokes = standbys.length === 0 ? named : [...named, ...standbys];
  const longest = longestOf(spokes);
  const needed = life.promptTokens;
  if (spokes.length > 0 && needed > longest)
    throw new CadreError(
      'context_length_exceeded',
      `the prompt has about ${needed.toLocaleString('en')} tokens, ${longestOf(conversing(spokes)).toLocaleString('en')} fit`,
      { param: 'messages' },
    );
}

function longestOf(spokes: readonly GateSpoke[]): number {
  return Math.max(...spokes.map((spoke) => spoke.contextLength));
}

/** What can answer a conversation now, as `/v1/models` counts it: a micro-model reads more, but answers none. */
function conversing(spokes: readonly GateSpoke[]): readonly GateSpoke[] {
  const chats = spokes.filter(({ kind }) => kind === 'chat' || kind === 'grounded');
  const able = chats.filter((spoke) => spoke.installed && spoke.healthy);
  return [able, chats, spokes].find((some) => some.length > 0) ?? spokes;
}

/** Which error stands for the rejections: the one that the caller can act on, if any. */
const CODES: readonly (readonly [Rejection['code'], ErrorCode])[] = [
  ['context-length', 'context_length_exceeded'],
  ['modality', 'unsupported_part'],
  ['tools', 'invalid_request'],
  ['schema', 'invalid_request'],
  ['label', 'label_refused'],
  ['budget', 'budget_exceeded'],
  ['depth', 'depth_exceeded'],
  ['not-installed', 'model_unavailable'],
  ['memory', 'out_of_memory'],
];

/** Seconds until the first of the named spokes may be asked again, where circuits keep them all shut. */
function waitOf({ upstreams }: PipelineParts, named: readonly GateSpoke[]): number | undefined {
  const waits = named.flatMap((spoke) => upstreams.waitOf(spoke.modelId) ?? []);
  return waits.length === named.length && waits.length > 0 ? Math.min(...waits) : undefined;
}

function refusalOf(rejected: readonly Rejection[], retryAfter: number | undefined): CadreError {
  // Spokes that were never candidates (other trade, no evidence) do not decide what the caller is told.
  const serious = rejected.filter((one) => one.code !== 'not-suited' && one.code !== 'no-evidence');
  for (const [code, error] of CODES) {
    const match = serious.find((one) => one.code === code);
    if (
      match &&
      serious.every(
        (one) => one.code === code || one.code === 'not-installed' || one.code === 'health',
      )
    ) {
      return new CadreError(error, `no spoke can serve this request: ${match.id} ${match.reason}`);
    }
  }
  const reasons = (serious.length > 0 ? serious : rejected)
    .slice(0, 4)
    .map((one) => `${one.id} ${one.reason}`);
  return new CadreError(
    'no_spoke',
    `no spoke can serve this request: ${reasons.join('; ') || 'none is configured'}`,
    retryAfter === undefined ? {} : { retryAfter },
  );
}
