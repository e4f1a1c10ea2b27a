import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { SpokeConfig } from '../../src/core/config.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { checkAgreement } from '../../src/verify/agreement.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { gradeLive } from './live-grading.ts';
import { requestOf } from './live-request.ts';
import { fitRows } from './live-rows.ts';

const CONTEXT = 4096;
/** Answers that the usual rates are worth beside the measured ones. */
const STRENGTH = 10;
const USUAL = { right: 0.5, wrong: 0.2 } as const;

/** A model under the general prompt, as `gate-live` asks it. */
function plain(id: string, of: string): SpokeConfig {
  const general = STARTER_SPOKES.find((one) => one.id === 'general');
  const model = STARTER_SPOKES.find((one) => one.id === of)?.model;
  return spokeSchema.parse({
    id,
    model,
    description: 'Any task.',
    system: general?.system,
    sampling: { temperature: 0 },
  });
}

/**
 * How often the smallest model says what the middle one does where that is right, and where it is wrong,
 * on the rows that a gate may be fitted on; shrunk to usual rates where few answers are kept in `file`.
 */
export async function agreementRates(file: string): Promise<{
  readonly right: number;
  readonly wrong: number;
  readonly answers: number;
}> {
  const kept = new Map<string, KeptAnswer>();
  if (existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!line.endsWith('}')) continue;
      const one = JSON.parse(line) as KeptAnswer;
      kept.set(one.key, one);
    }
  const spokes = [plain('middle', 'extract'), plain('small', 'quick')];
  const sums = { right: 0, wrong: 0, agreesRight: 0, agreesWrong: 0, answers: 0 };
  for (const row of fitRows()) {
    const [first, second] = spokes.map((spoke) => {
      const request = buildModelRequest(spoke, requestOf(row, spoke.id), {
        contextLength: CONTEXT,
      });
      const key = createHash('sha256')
        .update(`${spoke.model}\0${JSON.stringify(request)}`)
        .digest('hex');
      return kept.get(key);
    });
    if (first === undefined || second === undefined) continue;
    const score = await gradeLive(row, first.text);
    const agrees = Number(checkAgreement(first.text, second.text).passed);
    sums.answers += 1;
    sums.right += score;
    sums.wrong += 1 - score;
    sums.agreesRight += agrees * score;
    sums.agreesWrong += agrees * (1 - score);
  }
  const rate = (agrees: number, all: number, usual: number) =>
    Math.round((1000 * (agrees + STRENGTH * usual)) / (all + STRENGTH)) / 1000;
  return {
    right: rate(sums.agreesRight, sums.right, USUAL.right),
    wrong: rate(sums.agreesWrong, sums.wrong, USUAL.wrong),
    answers: sums.answers,
  };
}
