import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import type { GroundingCertificate } from '../core/grounding-certificate.ts';
import type { Clock } from '../core/ports.ts';
import { groundingPromiseWords, readGroundingCertificate } from '../verify/grounding-certify.ts';
import {
  SHIPPED_SCORER,
  type SupportScorer,
  supportScorerSchema,
} from '../verify/support-scorer.ts';
import { contentHash } from './content-hash.ts';

/** How sentences are judged: by whom, from where on they are shown, and what that promises. */
export interface GroundingInForce {
  readonly scorer: SupportScorer;
  readonly threshold: number;
  /** In words; absent where nothing was asked. */
  readonly promise?: string;
  /** Milliseconds since the epoch from which it has to be read anew. */
  readonly until?: number;
}

/** Where a promise is asked and none can be kept, only sentences that the scorer is sure of are shown. */
export const SAFE_THRESHOLD = 0.9;

const SCORER = 'scorer.json';
const CERTIFICATE = 'certificate.json';

export function scorerHash(scorer: SupportScorer): string {
  return contentHash(JSON.stringify(supportScorerSchema.parse(scorer)));
}

/** Keeps scorer and certificate in the home; without a certificate an older one goes. */
export function useGrounding(
  home: string,
  scorer: SupportScorer,
  certificate: GroundingCertificate | undefined,
): void {
  const folder = join(home, 'grounding');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // In between, the old certificate names another scorer and promises nothing: the safe order.
  writeWhole(join(folder, SCORER), `${JSON.stringify(scorer)}\n`);
  const file = join(folder, CERTIFICATE);
  if (certificate === undefined) rmSync(file, { force: true });
  else writeWhole(file, `${JSON.stringify(certificate, null, 2)}\n`);
}

function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.new`;
  writeFileSync(partial, text, { mode: 0o600, flush: true });
  renameSync(partial, path);
}

/** The scorer of the home, or the one that ships where there is none or it is damaged. */
export function readScorer(home: string, log: (line: string) => void): SupportScorer {
  const text = readIfThere(join(home, 'grounding', SCORER));
  if (text === undefined) return SHIPPED_SCORER;
  try {
    return supportScorerSchema.parse(JSON.parse(text));
  } catch {
    log('grounding: the scorer of the home is damaged, the one that ships takes its place');
    return SHIPPED_SCORER;
  }
}

/** What is in force now. `promise` = most of the shown sentences that may be unsupported. */
export function readGrounding(wish: {
  readonly home: string;
  readonly promise: number | undefined;
  readonly supportThreshold: number;
  readonly embedder: string | undefined;
  readonly now: number;
  readonly log: (line: string) => void;
}): GroundingInForce {
  const { home, promise, supportThreshold, embedder, now, log } = wish;
  const scorer = readScorer(home, log);
  if (promise === undefined) return { scorer, threshold: supportThreshold };
  const text = readIfThere(join(home, 'grounding', CERTIFICATE));
  const reading = readGroundingCertificate(
    text,
    { promise, scorer: scorerHash(scorer), embedder, now },
    contentHash,
  );
  if ('certificate' in reading)
    return {
      scorer,
      threshold: reading.certificate.threshold,
      promise: groundingPromiseWords(reading.certificate),
      until: Date.parse(reading.certificate.expiresAt),
    };
  log(`grounding: nothing is promised: ${reading.problem}; shown from ${SAFE_THRESHOLD} on`);
  return {
    scorer,
    threshold: Math.max(SAFE_THRESHOLD, supportThreshold),
    promise: `nothing is promised: ${reading.problem}`,
  };
}

/** What is in force, read anew when its certificate expires. */
export function composeGrounding(parts: {
  readonly home: string;
  readonly config: Config;
  readonly embedder: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}): () => GroundingInForce {
  const { home, config, embedder, clock, log } = parts;
  const read = () =>
    readGrounding({
      home,
      promise: config.ground.promise,
      supportThreshold: config.verify.supportThreshold,
      embedder,
      now: clock.now(),
      log,
    });
  let current = read();
  return () => {
    if (current.until !== undefined && clock.now() >= current.until) current = read();
    return current;
  };
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
