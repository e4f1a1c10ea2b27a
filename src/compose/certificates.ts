import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parsedJson } from '../base/parsed-json.ts';
import type { SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import { similarityCertificateSchema } from '../core/similarity-certificate.ts';
import type { Settings } from './settings.ts';

/**
 * Thresholds of the spokes that share answers of similar questions. Throws `config_invalid` for a
 * spoke whose certificate is missing, broken or made for another embedder: without one nobody knows
 * how often such an answer is wrong.
 */
export function readCertificates(
  { config, configFile, home }: Settings,
  spokes: readonly SpokeConfig[],
  embedder: string | undefined,
): ReadonlyMap<string, number> {
  const thresholds = new Map<string, number>();
  for (const { id, similarAnswers } of spokes) {
    if (similarAnswers === undefined) continue;
    if (!config.cache.exact)
      throw invalid(id, 'it shares answers of similar questions, and `cache.exact` is off');
    const file = resolve(configFile === undefined ? home : dirname(configFile), similarAnswers);
    const certificate = readCertificate(id, file);
    if (certificate.embedder !== embedder)
      throw invalid(
        id,
        `the certificate ${file} was made with the embedder ${certificate.embedder}, the farm has ${embedder ?? 'none'}`,
      );
    thresholds.set(id, certificate.threshold);
  }
  return thresholds;
}

function readCertificate(id: string, file: string) {
  const remedy = 'make it with `cadre eval cache-threshold`';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw invalid(id, `the certificate ${file} cannot be read; ${remedy}`);
  }
  const parsed = similarityCertificateSchema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the file';
  throw invalid(id, `${file} is no certificate (${where}: ${issue?.message}); ${remedy}`);
}

function invalid(spoke: string, message: string): CadreError {
  return new CadreError('config_invalid', `spoke ${spoke}: ${message}`, { param: 'spokes' });
}
