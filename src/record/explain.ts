import { counted } from '../base/counted.ts';
import { MAX_DEPTH } from '../core/call.ts';
import type { Candidate, PolicyVerdict, RouteDecision } from '../core/decision.ts';
import { FAULT_TABLE } from '../core/fault.ts';
import { featureWords } from '../core/feature-words.ts';
import type { Outcome } from '../core/outcome.ts';
import { probabilityRange } from '../core/probability-range.ts';
import type { Attempt, AttemptCause, Receipt } from '../core/receipt.ts';
import { sourcesOf } from './explain-sources.ts';
import { dollars, duration, joules, percent, plainLine } from './figures.ts';
import { explainReading } from './reading.ts';

/**
 * What `cadre why` prints: the life of a request in its order. Headings start at the margin, details
 * are indented by two spaces; no colours, no line breaks inside a line. `descendants` are the
 * receipts below this one down to three levels, in any order; what is not among them is told as gone.
 * Of the `outcomes` only what callers said is told: the rest is in the receipt, and in those of its
 * shadow runs.
 */
export function explainReceipt(
  receipt: Receipt,
  descendants: readonly Receipt[],
  outcomes: readonly Outcome[] = [],
  shadows: readonly Receipt[] = [],
): string[] {
  const lines = [
    ...headOf(receipt),
    ...labelOf(receipt.policy),
    ...routeOf(receipt.route),
    ...section('Reading', explainReading(receipt.reading)),
    ...section('Sources', [...(receipt.warnings ?? []), ...sourcesOf(receipt.sources)]),
    ...section('Attempts', receipt.attempts.map(attemptOf)),
    ...section('Checks', checksOf(receipt)),
    ...section('Cascade', assessmentsOf(receipt)),
    ...section('Feedback', feedbackOf(outcomes)),
    ...section('Shadow', shadows.flatMap(shadowOf)),
    ...section('Time', timesOf(receipt)),
    ...section('Cost', costsOf(receipt, descendants)),
    ...section('Delegated', treeOf(receipt, descendants)),
  ];
  return lines.map(plainLine);
}

function section(title: string, details: readonly string[]): string[] {
  return details.length === 0 ? [] : [title, ...details.map((detail) => `  ${detail}`)];
}

function headOf(receipt: Receipt): string[] {
  const details = [`asked for ${askedOf(receipt)} at ${timeText(receipt.at)} by ${receipt.key}`];
  if (receipt.parent !== undefined)
    details.push(
      receipt.depth === 0
        ? `part of ${receipt.parent}`
        : receipt.shadow !== undefined
          ? `asked again, unseen, after ${receipt.parent}: ${receipt.shadow.words}`
          : `delegated by ${receipt.parent}, depth ${receipt.depth}`,
    );
  if (receipt.isWithheld)
    details.push(
      'a document that it stands on is gone, or closed to you: what was kept of its words is withheld',
    );
  if (receipt.finishReason !== undefined) details.push(`ended with ${receipt.finishReason}`);
  if (receipt.confidence !== undefined)
    details.push(`P(right) ${percent(receipt.confidence)} after the checks`);
  if (receipt.cache !== undefined) details.push(cacheText(receipt.cache));
  if (receipt.abstention !== undefined)
    details.push(`declined: ${withoutHollowQuotes(receipt.abstention.reason)}`);
  if (receipt.error !== undefined) details.push(`${receipt.error.code}: ${receipt.error.message}`);
  return section(`${receipt.id} ${receipt.outcome}`, details);
}

function askedOf({ operation, requestedModel }: Receipt): string {
  return operation === undefined ? requestedModel : `${operation} of ${requestedModel}`;
}

function cacheText({ kind, receipt, ageMs, similarity }: NonNullable<Receipt['cache']>): string {
  if (kind === 'shared') return `cache shared: computed once with ${receipt}, which was under way`;
  const alike = similarity === undefined ? '' : `, ${percent(similarity)} alike`;
  return `cache ${kind}: the answer of ${receipt} again, ${duration(ageMs)} old${alike}; nothing was computed`;
}

/** A clock that was wrong must not keep a receipt from being read. */
function timeText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `time ${at}` : date.toISOString();
}

function labelOf(policy: PolicyVerdict | undefined): string[] {
  if (policy === undefined) return [];
  const destinations = policy.destinations.map(
    (one) => `${one.allowed ? 'may' : 'may not'} go to ${one.destination}: ${one.reason}`,
  );
  return section(`Label ${policy.label}`, [...policy.labelReasons, ...destinations]);
}

function routeOf(route: RouteDecision | undefined): string[] {
  if (route === undefined) return [];
  const details = [...route.reasons];
  if (route.stickiness !== undefined) details.push(`kept by the ${route.stickiness}`);
  if (route.tasks.length > 0)
    details.push(
      `task ${route.tasks
        .slice(0, 3)
        .map((one) => `${one.task} ${percent(one.probability)}`)
        .join(', ')}`,
    );
  const seen = featureWords(route.features);
  if (seen.length > 0) details.push(`seen: ${seen.join(', ')}`);
  details.push(...route.candidates.map((one) => candidateOf(one, route)));
  details.push(...route.rejected.map((one) => `× ${one.id}: ${one.reason} (${one.code})`));
  if (route.plan !== undefined)
    details.push(
      `expected: right ${percent(route.plan.quality)}, ${percent(route.plan.escalates)} go on to ${route.plan.next}, ${dollars(route.plan.cost)}, ${duration(route.plan.latencyMs)}; ${route.plan.instead.spoke} at once ${dollars(route.plan.instead.cost)}, ${duration(route.plan.instead.latencyMs)}`,
    );
  else if (route.cascade.length > 0)
    details.push(`if its checks fail, then ${route.cascade.join(', then ')}`);
  if (route.fallback !== undefined)
    details.push(`if it fails, then ${route.fallback.join(', then ')}`);
  if (route.hedge !== undefined) details.push(`if it is slow to begin, ${route.hedge} beside it`);
  if (route.counterfactual !== undefined) details.push(route.counterfactual);
  return section(`Route ${route.spoke}, promise ${percent(route.promise)}`, details);
}

function candidateOf(candidate: Candidate, route: RouteDecision): string {
  const role =
    candidate.spoke === route.chosen.spoke
      ? '→'
      : candidate.spoke === route.runnerUp?.spoke
        ? '2.'
        : '·';
  const loaded = candidate.resident ? 'loaded' : 'not loaded';
  const range = probabilityRange(candidate);
  const between = range === undefined ? '' : ` (${percent(range.low)} … ${percent(range.high)})`;
  return `${role} ${candidate.spoke}: P(right) ${percent(candidate.probability)}${between}, ${dollars(candidate.cost)}, ${duration(candidate.latencyMs)}, ${loaded}`;
}

function feedbackOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ spoke, source, score }) => {
    if (source === 'thumbs') return `${spoke}: thumbs ${score > 0 ? 'up' : 'down'}`;
    if (source === 'correction') return `${spoke}: corrected`;
    return source === 'score' ? `${spoke}: ${percent(score)} good` : [];
  });
}

/** What another spoke made of the request, unseen; one that gave way to a request says nothing. */
function shadowOf({ id, outcome, totalMs, cost, shadow }: Receipt): string[] {
  if (shadow === undefined || outcome === 'cancelled') return [];
  const { words, grades, served, seconds } = shadow;
  const graded = grades
    .filter((one) => one.spoke !== shadow.reference)
    .map(({ spoke, score }) => `; ${spoke} is graded ${percent(score)}`);
  const answered = grades.length === 0 ? `; ${served} is not graded by it` : graded.join('');
  const cpu = seconds === 0 ? '' : `, ${seconds.toFixed(1)} CPU seconds`;
  return [`${words}, ${duration(totalMs)}${cpu}, ${dollars(cost.total)}${answered} (${id})`];
}

function attemptOf(attempt: Attempt, index: number): string {
  const { usage } = attempt;
  const { fiveMinutes, hour } = usage.cacheWrites ?? { fiveMinutes: 0, hour: 0 };
  const kept = [
    ...(usage.cachedTokens > 0 ? [`${usage.cachedTokens} kept`] : []),
    ...(fiveMinutes + hour > 0 ? [`${fiveMinutes + hour} to be kept`] : []),
  ];
  const cached = kept.length === 0 ? '' : ` (${kept.join(', ')})`;
  const fault = attempt.fault === undefined ? '' : ` (${FAULT_TABLE[attempt.fault].words})`;
  const reason = attempt.reason === undefined ? '' : `: ${withoutHollowQuotes(attempt.reason)}`;
  const none = attempt.isNone === true ? ' (none of its labels)' : '';
  return (
    `${index + 1}. ${attempt.spoke} (${attempt.model}, ${attempt.destination}) ${causeOf(attempt)}${attempt.outcome}${none}${fault}${reason}; ` +
    `${usage.promptTokens}${cached} ${usage.promptTokens === 1 ? 'token' : 'tokens'} read${timed(usage.promptTokens, attempt.promptMs)}, ` +
    `${usage.completionTokens} written${timed(usage.completionTokens, attempt.generationMs)}`
  );
}

/** An attempt that was cut is told without a time that nobody took. */
function timed(tokens: number, ms: number): string {
  return tokens > 0 && ms === 0 ? '' : ` in ${duration(ms)}`;
}

/** Quotations whose words were not kept; what stands between the marks is `…` or nothing. */
function withoutHollowQuotes(words: string): string {
  return words.replaceAll(/“…?”|„…?[“”]|«…?»|‘…?’|"…?"|`…?`/g, '(text not kept)');
}

const CAUSES: Readonly<Record<AttemptCause, string>> = {
  route: '',
  retry: 'asked again',
  fallback: 'asked instead',
  escalation: 'asked next',
  hedge: 'asked beside it',
  choice: 'asked for another choice',
  agreement: 'asked for a second opinion',
};

function causeOf({ cause = 'route', waitedMs, probe }: Attempt): string {
  const waited = waitedMs === undefined ? '' : ` after ${duration(waitedMs)}`;
  const probing = probe === true ? 'as the probe of its circuit' : '';
  const words = [`${CAUSES[cause]}${waited}`, probing].filter((one) => one !== '').join(', ');
  return words === '' ? '' : `${words}, `;
}

function checksOf(receipt: Receipt): string[] {
  return receipt.checks.map((one) => {
    const mark = one.passed ? '✓' : '✗';
    const sentence =
      one.sentence === undefined || one.sentence === '' ? '' : ` — “${one.sentence}”`;
    return `${mark} ${one.check} ${one.score.toFixed(2)}: ${withoutHollowQuotes(one.detail)}${sentence}`;
  });
}

function assessmentsOf({ assessments = [], route }: Receipt): string[] {
  return assessments.map(({ spoke, prior, probability, reasons, checkMs, step }) => {
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
    const isFirst = spoke === route?.plan?.first;
    const done =
      step === 'stop' ? 'its answer stays' : `then ${route?.plan?.next ?? 'another one'}`;
    const threshold = isFirst ? `, threshold ${percent(route?.plan?.threshold ?? 0)}` : '';
    return `${spoke}: P(right) ${percent(prior)} before, ${percent(probability)} after the checks${why}${threshold}: ${done}; checked in ${duration(checkMs)}`;
  });
}

function timesOf(receipt: Receipt): string[] {
  const stages = receipt.stages.map((one) => `${one.stage} ${duration(one.ms)}`);
  const first =
    receipt.firstTokenMs === undefined
      ? ''
      : `, first token after ${duration(receipt.firstTokenMs)}`;
  return [`${duration(receipt.totalMs)} in all${first}`, ...stages];
}

function costsOf(receipt: Receipt, descendants: readonly Receipt[]): string[] {
  const { cost, energy, usage } = receipt;
  const lines = [
    receipt.operation === undefined
      ? `${dollars(cost.total)}; ${dollars(cost.reference)} at the ${cost.referenceName}`
      : dollars(cost.total),
    `${counted(usage.promptTokens, 'token')} read, ${usage.completionTokens} written`,
    `${joules(energy.joules)} ${energy.tier}`,
  ];
  const total = totalOf(receipt, descendants);
  if (total !== undefined)
    lines.push(
      `with all delegated requests ${dollars(total.cost)}, ${joules(total.joules)}, ` +
        `${total.promptTokens} tokens read, ${total.completionTokens} written`,
    );
  return lines;
}

/** The receipt's own sum also counts requests whose receipts are gone. */
function totalOf(receipt: Receipt, descendants: readonly Receipt[]) {
  if (receipt.total !== undefined) {
    const { usage, cost, energy } = receipt.total;
    return { ...usage, cost: cost.total, joules: energy.joules };
  }
  if (descendants.length === 0) return undefined;
  const sum = (pick: (one: Receipt) => number) =>
    [receipt, ...descendants].reduce((total, one) => total + pick(one), 0);
  return {
    promptTokens: sum((one) => one.usage.promptTokens),
    completionTokens: sum((one) => one.usage.completionTokens),
    cost: sum((one) => one.cost.total),
    joules: sum((one) => one.energy.joules),
  };
}

/** Three levels below a receipt; requests that are gone are named, and no receipt is shown twice. */
function treeOf(receipt: Receipt, descendants: readonly Receipt[]): string[] {
  const byId = new Map(descendants.map((one) => [one.id, one]));
  const shown = new Set([receipt.id]);
  const below = (ids: readonly string[], level: number): string[] => {
    const indent = '  '.repeat(level);
    const fresh = ids.filter((id) => !shown.has(id));
    if (level === MAX_DEPTH)
      return fresh.length === 0 ? [] : [`${indent}${fresh.length} more below`];
    return fresh.flatMap((id) => {
      if (shown.has(id)) return [];
      shown.add(id);
      const one = byId.get(id);
      if (one === undefined) return [`${indent}${id}: its receipt is gone`];
      const answerer = one.attempts.at(-1)?.spoke ?? one.route?.spoke ?? one.requestedModel;
      const line = `${indent}${id} ${one.outcome} by ${answerer}, ${duration(one.totalMs)}, ${dollars(one.cost.total)}, ${joules(one.energy.joules)}, ${one.usage.promptTokens} tokens read, ${one.usage.completionTokens} written`;
      return [line, ...below(one.children, level + 1)];
    });
  };
  return below(receipt.children, 0);
}
