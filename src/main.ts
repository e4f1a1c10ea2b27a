import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createEgress } from './adapters/egress/egress.ts';
import { createHomeClient, isFarmListening } from './adapters/egress/home-client.ts';
import { lockHome, readHolder } from './adapters/stores/home-lock.ts';
import { composeAcquire } from './compose/acquire.ts';
import { composeClassifiers } from './compose/classifiers.ts';
import { diagnoseMachine, type Finding } from './compose/diagnose.ts';
import { composeFarm } from './compose/farm.ts';
import { composeKnowledge } from './compose/knowledge.ts';
import { composeModels } from './compose/models.ts';
import { createSessions } from './compose/sessions.ts';
import { loadSettings, type Settings } from './compose/settings.ts';
import { readSpokes } from './compose/spokes.ts';
import { openStore } from './compose/store.ts';
import type { Farm } from './core/farm.ts';
import type { FarmClient } from './core/farm-client.ts';
import type { Clock, Random } from './core/ports.ts';
import { createStarterEstimator } from './gate/estimator.ts';
import { Pins } from './gate/pins.ts';
import { createPipeline } from './pipeline.ts';
import { createBudgets } from './policy/budget.ts';
import { createPermitOffice } from './policy/permits.ts';
import { createRateLimiter } from './policy/rate.ts';
import { createMetrics } from './record/metrics.ts';
import { mergeSpokes, STARTER_SPOKES } from './run/starter-spokes.ts';
import { createServer } from './server/server.ts';
import type { Ask } from './stages/parts.ts';

export { explainReceipt } from './record/explain.ts';

export interface RunningFarm {
  readonly farm: Farm;
  /** Where it listens; absent when it serves only the socket of its home. */
  readonly url?: string;
  readonly socket: string;
  /** Settles when the farm has stopped. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const random: Random = {
  id: (count) => Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
};

/** The settings of this process; `overrides` are command-line flags and win over the file. */
export function readSettings(
  overrides: Partial<Record<'server' | 'fleet', object>> = {},
): Promise<Settings> {
  return loadSettings(process.env, process.cwd(), overrides);
}

export async function diagnose(): Promise<Finding[]> {
  return diagnoseMachine(await readSettings());
}

/** The farm of the home: the running one over its socket, else one in this process without a port. */
export async function connectFarm(options: {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}): Promise<FarmClient> {
  const settings = await readSettings();
  const holder = readHolder(settings.home);
  if (holder && (await isFarmListening(holder.socket)))
    return createHomeClient(holder.socket, 'running', async () => undefined);
  const running = await startFarm({
    settings,
    log: options.log,
    listen: false,
    signal: options.signal,
  });
  return createHomeClient(running.socket, 'own-process', () => running.stop());
}

/** Composes a farm on a home and serves it; rejects with `home_locked`, `port_in_use`, `config_invalid` … */
export async function startFarm(options: {
  readonly settings: Settings;
  readonly log: (line: string) => void;
  readonly listen: boolean;
  readonly signal: AbortSignal;
}): Promise<RunningFarm> {
  const { settings, log, listen } = options;
  const { config, home } = settings;
  const lock = lockHome(home);
  const closers: (() => Promise<void> | void)[] = [() => lock.release()];
  const background = new AbortController();
  const close = async () => {
    background.abort();
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const salt = readSecret(join(home, 'salt'));
    const permits = createPermitOffice({
      seal: (text) => createHmac('sha256', salt).update(text).digest('hex'),
      now: clock.now,
    });
    const egress = createEgress({
      refusal: (permit, destination) => permits.refusal(permit, destination),
      destinations: config.destinations,
      offline: config.fleet.offline,
    });
    closers.push(() => egress.close());
    const store = await openStore(settings);
    closers.push(() => store.doClose());
    const models = await composeModels({ settings, egress, clock });
    closers.push(() => models.close());
    const knowledge = await composeKnowledge({ settings, store, models, clock, log });
    closers.push(() => knowledge.close());
    const merged = mergeSpokes(STARTER_SPOKES, config.spokes);
    const classifiers = composeClassifiers({ settings, spokes: merged, models, log });
    closers.push(() => classifiers.close());
    const entries = new Map(models.catalogue.entries.map((entry) => [entry.id, entry]));
    const spokes = () => {
      const statuses = new Map(models.statuses().map((status) => [status.id, status]));
      return readSpokes({
        config,
        spokes: merged,
        entries,
        statusOf: (id) => statuses.get(id),
        classifierOf: (id) => classifiers.get(id),
        memoryBudget: models.memoryBudget,
        threads: models.threads,
      });
    };
    spokes();
    const metrics = createMetrics();
    const budgets = createBudgets({ store, now: clock.now });
    const pipeline = createPipeline({
      config,
      clock,
      random,
      receipts: store,
      estimator: createStarterEstimator(),
      pins: new Pins(),
      permits,
      budgets,
      knowledge: knowledge.knowledge,
      metrics,
      spokes,
      acquire: composeAcquire({
        config,
        environment: settings.environment,
        models,
        egress,
        classifierOf: (id) => classifiers.get(id),
      }),
      embed: (texts, signal) => models.embedder()?.doEmbed(texts, 'passage', { signal }),
      collectionLabel: (name) =>
        config.collections.find((one) => one.name === name)?.label ?? 'internal',
      onSpeed: (model, prompt, generated) => models.recordSpeed(model, prompt, generated),
      salt: salt.toString('hex'),
      threads: models.threads,
    });
    await budgets.releaseStale(2 * config.limits.requestSeconds * 1000);
    let draining = false;
    let active = 0;
    let server: ReturnType<typeof createServer> | undefined;
    const stopped = Promise.withResolvers<void>();
    const stop = async () => {
      if (draining) return stopped.promise;
      draining = true;
      await server?.close({ drainSeconds: listen ? config.limits.drainSeconds : 0 });
      await close();
      stopped.resolve();
    };
    const farm = composeFarm({
      settings,
      store,
      models,
      knowledge: knowledge.knowledge,
      pipeline: {
        ...pipeline,
        ask: counted(pipeline.ask, (change) => {
          active += change;
        }),
      },
      spokes,
      metrics,
      rates: createRateLimiter({ now: clock.elapsed }),
      sessions: createSessions(),
      random,
      startedAt: clock.now(),
      activeRequests: () => active,
      isDraining: () => draining,
      stop: () => void stop(),
    });
    server = createServer({
      farm,
      log: (line) => log(JSON.stringify(line)),
      consoleFolder: resolve(import.meta.dirname, '..', 'console', 'dist'),
    });
    const socket = socketPath(home);
    await server.listenSocket(socket);
    const { host, port } = config.server;
    const url = listen
      ? `http://${host.includes(':') ? `[${host}]` : host}:${(await server.listen({ host, port })).port}`
      : undefined;
    lock.announce({ pid: process.pid, socket, ...(url ? { url } : {}) });
    options.signal.addEventListener('abort', () => void stop(), { once: true });
    if (listen) {
      void knowledge.follow(background.signal, log);
      if (config.fleet.starter && !config.fleet.offline)
        void models.pullStarters(background.signal, log);
    }
    return { farm, ...(url ? { url } : {}), socket, done: stopped.promise, stop };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Counts requests of callers while they run; what they delegate is not counted again. */
function counted(ask: Ask, onChange: (change: 1 | -1) => void): Ask {
  return async function* (call, signal) {
    onChange(1);
    try {
      yield* ask(call, signal);
    } finally {
      onChange(-1);
    }
  };
}

/** 32 random bytes that are made once and stay with the home. */
function readSecret(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    mkdirSync(resolve(file, '..'), { recursive: true });
    const secret = randomBytes(32);
    writeFileSync(file, secret, { mode: 0o600 });
    return secret;
  }
}

/** A Unix socket's path may have 107 bytes; a long home gets one in the temporary folder. */
function socketPath(home: string): string {
  const path = join(home, 'farm.sock');
  if (Buffer.byteLength(path) <= 100) return path;
  return join(
    tmpdir(),
    `cadre-${createHash('sha256').update(home).digest('hex').slice(0, 16)}.sock`,
  );
}
