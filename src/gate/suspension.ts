import type { GateCertificate } from '../core/gate-certificate.ts';
import type { Alarm } from '../core/online-state.ts';
import { REST } from './certify.ts';

/**
 * What of a certificate is still in force after alarms about its models: the slice in which one of
 * them fell goes to the reference (`*` for a task without a slice of its own), all slices when it
 * fell in all tasks. Undefined when the reference itself fell: then nobody knows what it gets right,
 * and the estimates decide, which have forgotten most of what they knew of it.
 */
export function withoutFallen(
  certificate: GateCertificate,
  alarms: readonly Alarm[],
): GateCertificate | undefined {
  const own = alarms.filter((one) => certificate.models.includes(one.model));
  if (own.some((one) => one.model === certificate.reference)) return undefined;
  if (own.length === 0) return certificate;
  const names = new Set(certificate.slices.map((one) => one.slice));
  const fallen = new Set(own.map((one) => (names.has(one.task) ? one.task : REST)));
  const isEverywhere = own.some((one) => one.task === '*');
  const slices = certificate.slices.map((one) =>
    isEverywhere || fallen.has(one.slice) ? { ...one, threshold: null } : one,
  );
  return { ...certificate, slices };
}
