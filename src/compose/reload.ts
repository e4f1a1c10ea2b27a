import type { Config } from '../core/config.ts';
import { toCadreError } from '../core/errors.ts';
import type { ConfigStatus } from '../core/farm.ts';
import { applySettings } from './following.ts';
import { composeGeneration, type Lasting } from './generation.ts';
import type { Generations } from './generations.ts';
import type { Settings } from './settings.ts';

/** What is opened at the start and stays: a change of it is told and waits for the next start. */
const LATER = ['batches', 'fleet', 'ground', 'moderation', 'store'] as const;

/** Limits that hold at once for requests, but were handed to something that was opened at the start. */
const PARTLY_LATER = [
  ['requestSeconds', 'for batches and for bodies to arrive'],
  ['bodyBytes', 'for batches'],
] as const;

/** Takes over changed settings while the farm runs, as a whole or not at all. */
export class Reloader {
  readonly #lasting: Lasting;
  readonly #generations: Generations;
  /** Those that the farm was started with. */
  readonly #limits: Config['limits'];
  #status: ConfigStatus;
  #turn: Promise<void> = Promise.resolve();

  constructor(lasting: Lasting, generations: Generations) {
    this.#lasting = lasting;
    this.#generations = generations;
    this.#limits = generations.current.settings.config.limits;
    this.#status = statusOf(generations.current.settings, lasting.clock.now(), []);
  }

  get status(): ConfigStatus {
    return this.#status;
  }

  /** Reads the settings anew; on any error the ones in use stay, and the log and the status say so. */
  reload(read: () => Promise<Settings>): Promise<void> {
    this.#turn = this.#turn.then(() => this.#reload(read));
    return this.#turn;
  }

  /** The request path anew from the same settings, because what serves beside them has changed. */
  recompose(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const before = this.#generations.current;
      try {
        const next = await composeGeneration(this.#lasting, before.settings, before);
        await this.#generations.replace(next);
      } catch (thrown) {
        this.#lasting.log(`what served before goes on: ${toCadreError(thrown).message}`);
      }
    });
    return this.#turn;
  }

  async #reload(read: () => Promise<Settings>): Promise<void> {
    const { log, clock } = this.#lasting;
    const before = this.#generations.current;
    try {
      const wanted = await read();
      const { settings, now, later } = merge(before.settings, wanted, this.#limits);
      if (now.length > 0)
        await this.#generations.replace(await composeGeneration(this.#lasting, settings, before));
      if (now.includes('collections'))
        await applySettings(this.#lasting.knowledge, settings.config.collections);
      this.#status = statusOf(wanted, clock.now(), later);
      const parts = [
        now.length === 0 ? 'nothing changed at once' : `in use: ${now.join(', ')}`,
        ...(later.length === 0 ? [] : [`after a restart: ${later.join(', ')}`]),
      ];
      log(`configuration read again (${wanted.configFile ?? 'no file'}); ${parts.join('; ')}`);
    } catch (thrown) {
      const { message } = toCadreError(thrown);
      this.#status = { ...this.#status, problem: message };
      log(`configuration refused, the one before stays in use: ${message}`);
    }
  }
}

function statusOf(
  { configFile }: Settings,
  loadedAt: number,
  needsRestart: readonly string[],
): ConfigStatus {
  return { ...(configFile === undefined ? {} : { file: configFile }), loadedAt, needsRestart };
}

/** The wanted settings with what cannot change now left as it is, and the names of what changed. */
function merge(before: Settings, wanted: Settings, started: Config['limits']) {
  const old = before.config;
  const config: Config = {
    ...wanted.config,
    batches: old.batches,
    fleet: old.fleet,
    ground: old.ground,
    moderation: old.moderation,
    store: old.store,
    server: { ...wanted.config.server, host: old.server.host, port: old.server.port },
    limits: { ...wanted.config.limits, headerSeconds: old.limits.headerSeconds },
  };
  const later: string[] = LATER.filter((name) => differs(old[name], wanted.config[name]));
  for (const name of ['host', 'port'] as const)
    if (old.server[name] !== wanted.config.server[name]) later.push(`server.${name}`);
  if (old.limits.headerSeconds !== wanted.config.limits.headerSeconds)
    later.push('limits.headerSeconds');
  for (const [name, where] of PARTLY_LATER)
    if (started[name] !== wanted.config.limits[name]) later.push(`limits.${name} (${where})`);
  const folders = (one: Config) =>
    one.collections.map(({ name, sources, watch }) => [name, sources, watch]);
  if (differs(folders(old), folders(wanted.config))) later.push('collections');
  const now = Object.keys(config).filter((name) =>
    differs(old[name as keyof Config], config[name as keyof Config]),
  );
  return { settings: { ...wanted, home: before.home, config }, now, later };
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
