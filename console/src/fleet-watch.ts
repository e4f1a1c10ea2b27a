import { useEffect, useState } from 'react';
import { type FleetSnapshot, watchFleet } from './farm-api.ts';

/** Seconds of memory history that the chart keeps. */
export const HISTORY_SECONDS = 300;
const RETRY_MS = 2000;

export interface MemoryPoint {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly bytes: number;
  /** Bytes of each model in memory. */
  readonly models: Readonly<Record<string, number>>;
}

export interface FleetView {
  readonly snapshot?: FleetSnapshot;
  readonly history: readonly MemoryPoint[];
  /** True while the farm does not answer. */
  readonly away: boolean;
}

/**
 * Follows the fleet second by second and comes back after the farm was away. A hidden tab lets go:
 * a browser opens only six connections to one farm.
 */
export function useFleet(): FleetView {
  const [view, setView] = useState<FleetView>({ history: [], away: false });
  useEffect(() => {
    let controller: AbortController | undefined;
    const follow = () => {
      controller?.abort();
      controller = undefined;
      if (document.hidden) return;
      controller = new AbortController();
      void followFleet(controller.signal, setView);
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      controller?.abort();
    };
  }, []);
  return view;
}

async function followFleet(
  signal: AbortSignal,
  show: (change: (before: FleetView) => FleetView) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const snapshot of watchFleet(signal)) {
        const at = Date.now() / 1000;
        const resident = snapshot.models.filter((model) => model.memoryBytes > 0);
        const models = Object.fromEntries(resident.map((one) => [one.id, one.memoryBytes]));
        const point = { at, bytes: snapshot.status.memoryUsed, models };
        show(({ history }) => ({
          snapshot,
          away: false,
          history: [...history.filter((old) => old.at > at - HISTORY_SECONDS), point],
        }));
      }
    } catch {
      if (!signal.aborted) show((before) => ({ ...before, away: true }));
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
