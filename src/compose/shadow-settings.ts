import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type ShadowSettings, shadowSchema } from '../core/config-shadow.ts';
import { CadreError, type ErrorCode } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import { nearestName } from '../core/nearest.ts';
import type { ShadowWish } from '../core/shadow.ts';
import type { GateSpoke } from '../gate/spoke.ts';

const fileSchema = z.strictObject({ version: z.literal(1), ...shadowSchema.shape });

/**
 * What the command set about shadow runs, in one file of the home: whole or not at all, and on the
 * disk before it is acknowledged. Without it the configuration counts.
 */
export class ShadowFile {
  readonly #file: string;
  #set: ShadowSettings | undefined;
  /** Why the file is not used. */
  readonly problem: string | undefined;

  constructor(file: string) {
    this.#file = file;
    try {
      const { version: _, ...set } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      this.#set = set;
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.problem = `${file} is damaged, so the configuration counts`;
    }
  }

  get settings(): ShadowSettings | undefined {
    return this.#set;
  }

  /** Undefined = the configuration counts. Throws `disk_full`, `file_refused` or `store_failed`, and nothing is changed then. */
  write(settings: ShadowSettings | undefined): void {
    try {
      if (settings === undefined) rmSync(this.#file, { force: true });
      else {
        mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
        const text = JSON.stringify({ version: 1, ...settings });
        writeFileSync(`${this.#file}.new`, text, { mode: 0o600, flush: true });
        renameSync(`${this.#file}.new`, this.#file);
      }
    } catch (cause) {
      const lost = new CadreError('store_failed', `${this.#file} cannot be written`, { cause });
      throw fileTrouble(cause, this.#file) ?? lost;
    }
    this.#set = settings;
  }
}

/** What is set, changed as wished. */
export function changedSettings(before: ShadowSettings, wish: ShadowWish): ShadowSettings {
  const { reset: _, ...change } = wish;
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}

/**
 * Throws `code` for spokes that do not exist or cannot be asked so, and for a remote one that is
 * named without a budget.
 */
export function requireShadowSpokes(
  { rate, spokes, budget }: ShadowSettings,
  known: readonly Pick<GateSpoke, 'id' | 'kind' | 'destination'>[],
  code: Extract<ErrorCode, 'config_invalid' | 'invalid_request'>,
): void {
  const param = code === 'config_invalid' ? 'gate.shadow' : 'spokes';
  for (const id of spokes) {
    const spoke = known.find((one) => one.id === id);
    if (spoke === undefined) {
      const near = nearestName(
        id,
        known.map((one) => one.id),
      );
      const hint = near === undefined ? '' : `; did you mean \`${near}\`?`;
      throw new CadreError(code, `there is no spoke ${id} for shadow runs${hint}`, { param });
    }
    if (spoke.kind !== 'chat' && spoke.kind !== 'classifier')
      throw new CadreError(
        code,
        `${id} cannot be asked in a shadow run: it ${spoke.kind === 'hub' ? 'asks other spokes' : 'answers from documents'}`,
        { param },
      );
    if (rate > 0 && budget === 0 && spoke.destination !== 'local')
      throw new CadreError(
        code,
        `${id} is asked at ${spoke.destination} and costs money: shadow runs need a budget for it (US dollars per day)`,
        { param: code === 'config_invalid' ? 'gate.shadow.budget' : 'budget' },
      );
  }
}
