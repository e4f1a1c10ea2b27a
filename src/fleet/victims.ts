/** A resident model that could make room. */
export interface Resident {
  readonly id: string;
  readonly bytes: number;
  /** What loading it again would cost. */
  readonly loadMs: number;
  /** Predicted requests per millisecond. */
  readonly reuse: number;
}

/**
 * What evicting a model costs for each byte that it gives of the missing ones: predicted milliseconds
 * of reloading per millisecond and byte. Bytes beyond those that are missing help nobody: counting
 * them, a large model that is slow to load leaves where a small one would do.
 */
function costPerByte({ loadMs, reuse, bytes }: Resident, bytesMissing: number): number {
  return (Math.max(1, loadMs) * reuse) / Math.max(1, Math.min(bytes, bytesMissing));
}

/**
 * The residents that cost least and whose memory together covers `bytesMissing`, cheapest first;
 * undefined when all of them do not suffice. One that turns out not to be needed is spared.
 */
export function chooseVictims<R extends Resident>(
  residents: readonly R[],
  bytesMissing: number,
): readonly R[] | undefined {
  const left = [...residents];
  const chosen: R[] = [];
  let missing = bytesMissing;
  while (missing > 0) {
    const next = cheapest(left, missing);
    if (next === undefined) return undefined;
    left.splice(left.indexOf(next), 1);
    chosen.push(next);
    missing -= next.bytes;
  }
  for (const resident of [...chosen].reverse()) {
    if (missing + resident.bytes > 0) continue;
    chosen.splice(chosen.indexOf(resident), 1);
    missing += resident.bytes;
  }
  return chosen;
}

function cheapest<R extends Resident>(residents: readonly R[], missing: number): R | undefined {
  let best: R | undefined;
  for (const one of residents)
    if (best === undefined || costPerByte(one, missing) < costPerByte(best, missing)) best = one;
  return best;
}
