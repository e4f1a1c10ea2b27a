import type { Candidate, CertifiedPromise } from '../core/decision.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import { chooseAt, expectedLosses } from './calibration-set.ts';
import { thresholdOf } from './certificate.ts';
import type { LearnedEstimate } from './estimator.ts';
import { shareWords, targetWords } from './wording.ts';

export interface CertifiedPick {
  readonly candidate: Candidate;
  readonly certificate: GateCertificate;
  /** Up to here a cheaper spoke may answer. */
  readonly threshold: number;
  /** Part of the reference's right answers that each certified spoke is expected to lose. */
  readonly losses: ReadonlyMap<string, number>;
}

/**
 * The choice that was certified, by the very rule of the calibration: the cheapest spoke whose
 * expected loss is within the threshold of the request's slice, else the reference. Undefined where
 * the reference may not serve: then there is nothing to measure a loss against. The promise is about
 * requests that all certified spokes may serve, without a session.
 */
export function pickCertified(
  candidates: readonly Candidate[],
  certificate: GateCertificate,
  slice: string,
  learned?: LearnedEstimate,
): CertifiedPick | undefined {
  const known = candidates.filter((one) => certificate.models.includes(one.spoke));
  const reference = known.findIndex((one) => one.spoke === certificate.reference);
  if (reference < 0) return undefined;
  const expectedLoss = lossesOf(known, reference, learned);
  const costs = known.map((one) => one.cost);
  const threshold = thresholdOf(certificate, slice);
  const candidate = known[chooseAt({ expectedLoss, costs }, reference, threshold)];
  if (candidate === undefined) return undefined;
  const losses = new Map(known.map((one, at) => [one.spoke, expectedLoss[at] ?? Number.NaN]));
  return { candidate, certificate, threshold, losses };
}

/** As the gate that was certified tells them, else from the probabilities alone. */
function lossesOf(
  known: readonly Candidate[],
  reference: number,
  learned: LearnedEstimate | undefined,
): ArrayLike<number> {
  const plain = expectedLosses(
    known.map((one) => one.probability),
    reference,
  );
  return plain.map((loss, at) => {
    const place = learned?.models.get(known[at]?.spoke ?? '');
    return (place === undefined ? undefined : learned?.losses[place]) ?? loss;
  });
}

/** Whether a spoke loses little enough, whatever it costs; the reference always does. */
export function isCertified(pick: CertifiedPick, spoke: string): boolean {
  if (spoke === pick.certificate.reference) return true;
  return (pick.losses.get(spoke) ?? Number.NaN) <= pick.threshold;
}

export function certifiedPromise(pick: CertifiedPick): CertifiedPromise {
  const { candidate, certificate, losses, threshold } = pick;
  const { reference, alpha, delta } = certificate;
  const expectedLoss = Math.max(0, losses.get(candidate.spoke) ?? 0);
  const isOpen = Number.isFinite(threshold);
  return { reference, alpha, delta, expectedLoss, ...(isOpen ? { threshold } : {}) };
}

/** Why the certificate chose as it did. */
export function certifiedReason(pick: CertifiedPick): string {
  const { candidate, certificate, losses } = pick;
  const { alpha, delta, reference } = certificate;
  const target =
    certificate.target === undefined ? '' : `keeps ${targetWords(certificate.target)} and `;
  const promise = `${target}loses at most ${percent(alpha)} of what \`${reference}\` gets right (certified, ${percent(1 - delta)} confidence)`;
  if (candidate.spoke === reference)
    return `\`${reference}\`, because no cheaper spoke is sure enough here that the gate ${promise}`;
  return `\`${candidate.spoke}\` is the cheapest by which the gate ${promise}; here ${shareWords(losses.get(candidate.spoke) ?? 0)} is expected to be lost`;
}

/** The cheaper spoke that came nearest to being chosen, and what it would have taken. */
export function certifiedOtherwise(
  pick: CertifiedPick,
  candidates: readonly Candidate[],
): string | undefined {
  if (pick.threshold === Number.NEGATIVE_INFINITY) return undefined;
  const loss = ({ spoke }: Candidate) => pick.losses.get(spoke) ?? Number.POSITIVE_INFINITY;
  const [next] = candidates
    .filter((one) => one.cost < pick.candidate.cost && Number.isFinite(loss(one)))
    .toSorted((left, right) => loss(left) - loss(right));
  if (next === undefined) return undefined;
  return `\`${next.spoke}\` would have been chosen if ${shareWords(pick.threshold)} were expected to be lost by it at most, not ${shareWords(loss(next))}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
