import type { GateCertificate } from '../core/gate-certificate.ts';
import type { Alarm } from '../core/online-state.ts';
import { promiseWords } from './certificate.ts';
import { REST } from './certify.ts';

/** A certificate as it was made, and what has fallen since. */
export interface Suspension {
  readonly certificate: GateCertificate;
  readonly alarms: readonly Alarm[];
}

/**
 * What of a certificate is still in force after alarms about its models: the slice in which one of
 * them fell goes to the reference (`*` for a task without a slice of its own), all slices when it
 * fell in all tasks. Undefined when the reference itself fell, in whatever task: then nobody knows what
 * it gets right, and nothing can be promised against it.
 */
export function withoutFallen(
  certificate: GateCertificate,
  alarms: readonly Alarm[],
): GateCertificate | undefined {
  const own = alarms.filter((one) => certificate.models.includes(one.model));
  if (referenceFell({ certificate, alarms })) return undefined;
  if (own.length === 0) return certificate;
  const names = new Set(certificate.slices.map((one) => one.slice));
  const fallen = new Set(own.map((one) => (names.has(one.task) ? one.task : REST)));
  const isEverywhere = own.some((one) => one.task === '*');
  const slices = certificate.slices.map((one) =>
    isEverywhere || fallen.has(one.slice) ? { ...one, threshold: null } : one,
  );
  return { ...certificate, slices };
}

function referenceFell({ certificate, alarms }: Suspension): boolean {
  return alarms.some((one) => one.model === certificate.reference);
}

/**
 * What is promised of each part of the traffic, in words. `tasks` = those that the gate speaks of;
 * absent = all.
 */
export function promisesOf(suspension: Suspension, tasks?: readonly string[]): string[] {
  const promises = slicePromises(suspension);
  if (tasks === undefined) return promises;
  return [
    `${tasks.join(', ')}: ${promises.join('; ')}`,
    'all else, and whatever a spoke may answer that was not graded: the starter’s table decides and promises nothing',
  ];
}

function slicePromises(suspension: Suspension): string[] {
  const { certificate } = suspension;
  if (referenceFell(suspension))
    return [`nothing is promised: ${certificate.reference} itself fell, by which all is measured`];
  return certificate.slices.map(({ slice }) => {
    const part = slice === REST ? 'all else' : slice;
    const isSuspended = suspending(suspension, slice) !== undefined;
    const words = isSuspended ? 'suspended after an alarm' : promiseWords(certificate, slice);
    return certificate.slices.length === 1 ? words : `${part}: ${words}`;
  });
}

/** The alarm that keeps a certificate from being in force in a slice; undefined where none does. */
export function suspending({ certificate, alarms }: Suspension, slice: string): Alarm | undefined {
  const own = alarms.filter((one) => certificate.models.includes(one.model));
  const names = new Set(certificate.slices.map((one) => one.slice));
  const nameOf = (task: string) => (names.has(task) ? task : REST);
  return own.findLast(
    (one) =>
      one.model === certificate.reference || one.task === '*' || nameOf(one.task) === nameOf(slice),
  );
}

/** What an alarm saw. */
export function alarmWords({ task, model, trials, expected, seen }: Alarm): string {
  const where = task === '*' ? 'all tasks' : task;
  const answers = trials === 1 ? '1 answer' : `the last ${Math.round(trials)} answers`;
  return `\`${model}\` fell in ${where}: ${seen.toFixed(2)} right in ${answers}, ${expected.toFixed(2)} expected`;
}

/** What an alarm has done to what was certified. */
export function suspensionWords(alarm: Alarm, suspension: Suspension): string {
  const { certificate } = suspension;
  const instead = referenceFell(suspension)
    ? 'nothing is promised and whoever is most probable to be right now answers'
    : `\`${certificate.reference}\` answers instead`;
  return `${alarmWords(alarm)}; what was certified is suspended until a new gate is fitted, ${instead}`;
}
