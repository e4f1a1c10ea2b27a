/** A resident model that could make room. */
export interface Resident {
  readonly id: string;
  readonly bytes: number;
  /** What loading it again would cost. */
  readonly loadMs: number;
  /** Predicted requests per millisecond. */
  readonly reuse: number;
}

/** What keeping a model is worth: predicted milliseconds of reloading per millisecond and byte. */
export function keepingValue({ loadMs, reuse, bytes }: Resident): number {
  return (Math.max(1, loadMs) * reuse) / Math.max(1, bytes);
}

/**
 * The least valuable residents whose memory together covers `bytesMissing`, least valuable first;
 * undefined when all of them do not suffice. One that turns out not to be needed is spared.
 */
export function chooseVictims<R extends Resident>(
  residents: readonly R[],
  bytesMissing: number,
): readonly R[] | undefined {
  const chosen: R[] = [];
  let freed = 0;
  for (const resident of [...residents].sort((a, b) => keepingValue(a) - keepingValue(b))) {
    if (freed >= bytesMissing) break;
    chosen.push(resident);
    freed += resident.bytes;
  }
  if (freed < bytesMissing) return undefined;
  for (const resident of [...chosen].reverse()) {
    if (freed - resident.bytes < bytesMissing) continue;
    chosen.splice(chosen.indexOf(resident), 1);
    freed -= resident.bytes;
  }
  return chosen;
}
