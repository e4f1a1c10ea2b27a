import { PRIORITIES, type Priority } from '../core/priority.ts';
import type { FleetView, ModelView, RequestView } from './fleet-view.ts';

/** Service that one key may have more than another before the other one goes first. */
const SHARE_MS = 2000;

/**
 * How long more urgent requests and other models may be preferred to one; after that only keys that had
 * less go first, which have had as much before long, and among those of a key arrival decides.
 */
export type LongestWaits = Readonly<Record<Priority, number>>;

export const rankOf = ({ priority }: Pick<RequestView, 'priority'>): number =>
  PRIORITIES.indexOf(priority);

/** When a request may be passed over no longer; where loading takes long, twice that if it is more. */
export const dueAt = (
  { since, priority }: RequestView,
  { loadMs }: ModelView,
  longest: LongestWaits,
): number => since + Math.max(longest[priority], 2 * loadMs);

/**
 * The waiting requests of a model, who is next first: those overdue by what their key had, so that one
 * with many does not hold up another with few, then by their due time; the others by priority, the key
 * that had least, the group that was served last, arrival.
 */
export function orderLine(
  model: ModelView,
  { now, usageOf }: FleetView,
  longest: LongestWaits,
): readonly RequestView[] {
  const { waiting, lastGroup } = model;
  if (waiting.length < 2) return waiting;
  const rows = waiting.map((request) => {
    const due = dueAt(request, model, longest);
    return {
      request,
      due: due <= now ? due : Number.POSITIVE_INFINITY,
      rank: due <= now ? 0 : rankOf(request),
      had: shareOf(request, usageOf),
      other: request.group === lastGroup ? 0 : 1,
    };
  });
  rows.sort(
    (a, b) =>
      Number(a.due > now) - Number(b.due > now) ||
      a.rank - b.rank ||
      a.had - b.had ||
      compare(a.due, b.due) ||
      a.other - b.other ||
      a.request.ticket - b.request.ticket,
  );
  return rows.map(({ request }) => request);
}

/** What the key of a request had, in steps that are too small to go by. */
export const shareOf = ({ key }: RequestView, usageOf: FleetView['usageOf']): number =>
  Math.floor(usageOf(key) / SHARE_MS);

/** Without the NaN that two infinities give. */
export function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
