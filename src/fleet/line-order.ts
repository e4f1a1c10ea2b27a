import { PRIORITIES, type Priority } from '../core/priority.ts';
import type { FleetView, ModelView, RequestView } from './fleet-view.ts';

/** Service that one key may have more than another before the other one goes first. */
const SHARE_MS = 2000;

/** How long others may be preferred to a request; after that the order is that of arrival. */
export type LongestWaits = Readonly<Record<Priority, number>>;

export const rankOf = ({ priority }: RequestView): number => PRIORITIES.indexOf(priority);

/** When a request may be passed over no longer; where loading takes long, twice that if it is more. */
export const dueAt = (
  { since, priority }: RequestView,
  { loadMs }: ModelView,
  longest: LongestWaits,
): number => since + Math.max(longest[priority], 2 * loadMs);

/**
 * The waiting requests of a model, who is next first: those overdue by their due time, then by
 * priority, the key that had least, the group that was served last, arrival.
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
      rank: rankOf(request),
      had: Math.floor(usageOf(request.key) / SHARE_MS),
      other: request.group === lastGroup ? 0 : 1,
    };
  });
  rows.sort(
    (a, b) =>
      compare(a.due, b.due) ||
      a.rank - b.rank ||
      a.had - b.had ||
      a.other - b.other ||
      a.request.ticket - b.request.ticket,
  );
  return rows.map(({ request }) => request);
}

/** Without the NaN that two infinities give. */
export function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
