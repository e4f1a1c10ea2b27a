interface FaultRow {
  /** The same model may be asked again, before anything was shown. */
  readonly again: boolean;
  /** Another spoke may be asked, before anything was shown. `larger`: only one with a longer context. */
  readonly elsewhere: boolean | 'larger';
  /** Whose circuit counts it: that of the whole destination, of the one model there, or none. */
  readonly trips: 'destination' | 'model' | 'none';
  /** What happened, in words that name nobody and quote nothing. */
  readonly words: string;
}

/**
 * What can go wrong with a remote model and what a failure of that kind allows. A silent or stalled
 * server has cost its whole deadline already, so it is not asked twice; what the server says about
 * the request itself is the caller's to hear, so nobody else is asked in silence.
 */
export const FAULT_TABLE = {
  unreachable: row(true, true, 'destination', 'no connection, or closed before an answer'),
  silent: row(false, true, 'destination', 'no byte of an answer in time'),
  stalled: row(false, true, 'model', 'fell silent within the answer'),
  'too-long': row(false, true, 'model', 'did not finish in time'),
  cut: row(true, true, 'model', 'the answer was cut'),
  malformed: row(true, true, 'model', 'the answer was not in the dialect'),
  'rate-limited': row(true, true, 'model', 'limits the rate'),
  overloaded: row(true, true, 'model', 'is overloaded or down'),
  'server-error': row(true, true, 'model', 'failed inside'),
  'timed-out': row(false, true, 'model', 'said that it took too long'),
  unauthorized: row(false, true, 'destination', 'refused the key'),
  'out-of-quota': row(false, true, 'destination', 'has no quota left for the key'),
  'unknown-model': row(false, true, 'model', 'does not know the path or the model'),
  refused: row(false, false, 'none', 'refused the request as invalid'),
  'context-length': row(false, 'larger', 'none', 'cannot hold so long a request'),
  'content-filter': row(false, false, 'none', 'refused the content'),
  'circuit-open': row(false, true, 'none', 'was not asked: it failed too often just now'),
} as const satisfies Record<string, FaultRow>;

export type Fault = keyof typeof FAULT_TABLE;

function row(
  again: boolean,
  elsewhere: FaultRow['elsewhere'],
  trips: FaultRow['trips'],
  words: string,
): FaultRow {
  return { again, elsewhere, trips, words };
}
