/** A resident model that could make room. */
export interface Resident {
  readonly id: string;
  readonly memoryBytes: number;
  /** What loading it again would cost. */
  readonly loadMs: number;
  /** Milliseconds since its last request ended. */
  readonly idleMs: number;
}

/** After this long without a request a model is half as likely to be asked again. */
const HALF_LIFE_MS = 120_000;

/** What keeping a model is worth: milliseconds of reloading saved per byte, fading while idle. */
export function keepingValue(resident: Resident): number {
  const recency = 2 ** (-resident.idleMs / HALF_LIFE_MS);
  return (resident.loadMs / Math.max(1, resident.memoryBytes)) * recency;
}

/**
 * The least valuable residents whose memory together covers `bytesMissing`, least valuable first;
 * undefined when all of them do not suffice. One that turns out not to be needed is spared.
 */
export function chooseVictims(
  residents: readonly Resident[],
  bytesMissing: number,
): readonly Resident[] | undefined {
  const chosen: Resident[] = [];
  let freed = 0;
  for (const resident of [...residents].sort((a, b) => keepingValue(a) - keepingValue(b))) {
    if (freed >= bytesMissing) break;
    chosen.push(resident);
    freed += resident.memoryBytes;
  }
  if (freed < bytesMissing) return undefined;
  for (const resident of [...chosen].reverse()) {
    if (freed - resident.memoryBytes < bytesMissing) continue;
    chosen.splice(chosen.indexOf(resident), 1);
    freed -= resident.memoryBytes;
  }
  return chosen;
}
