import { randomInt } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { createHomeClient } from './adapters/egress/home-client.ts';
import { lockHome } from './adapters/stores/home-lock.ts';
import { watchConfig } from './compose/config-watch.ts';
import type { ExaminationWish } from './compose/data-examination.ts';
import { diagnoseMachine, type Finding } from './compose/diagnose.ts';
import { configInForce, diagnoseRunning, findRunning } from './compose/diagnose-running.ts';
import type { GateEvaluation, GateWish } from './compose/gate-evaluation.ts';
import type { GateFitResult, GateFitWish } from './compose/gate-fit.ts';
import type { GateJoinResult, GateJoinWish } from './compose/gate-join.ts';
import type { GroundingResult, GroundingWish } from './compose/grounding-evaluation.ts';
import { inHomeTurn } from './compose/home-turn.ts';
import { composeHouse, type House } from './compose/house.ts';
import type { RetrievalResult } from './compose/retrieval-evaluation.ts';
import type { RetrievalOrder } from './compose/retrieval-in-home.ts';
import { configCandidates, loadSettings, type Settings } from './compose/settings.ts';
import { socketPath } from './compose/socket-path.ts';
import type { CheckResult, ConformanceReport, ConformanceWish } from './core/conformance.ts';
import type { DataReport } from './core/data-report.ts';
import { CadreError, toCadreError } from './core/errors.ts';
import type { ConfigStatus, Farm } from './core/farm.ts';
import type { FarmClient } from './core/farm-client.ts';
import { fileTrouble } from './core/file-trouble.ts';
import type { Clock, Random } from './core/ports.ts';
import { createServer, type Server } from './server/server.ts';

export { counted } from './base/counted.ts';
export { contentHash } from './compose/content-hash.ts';
export { dedupRows, splitRowsFile } from './compose/data-commands.ts';
export type { GateEvaluation, GateWish } from './compose/gate-evaluation.ts';
export { readJudgedFiles } from './compose/judged-files.ts';
export { nearRowsOfFile, readQuestions } from './compose/named-files.ts';
export type { RetrievalReport } from './compose/retrieval-evaluation.ts';
export { simulation } from './compose/simulation.ts';
export { VERSION } from './compose/version.ts';
export { VENDOR_MODELS } from './conformance/vendor-script.ts';
export { gradedLines } from './gate/graded-traffic.ts';
export { RETRIEVAL_LEGS } from './ground/retrieval-measures.ts';
export {
  type AnswerReport,
  type GivenAnswer,
  gradeAnswer,
  reportAnswers,
} from './learn/answer-report.ts';
export { type CardFields, cardText } from './learn/data-card.ts';
export { sampleLine } from './learn/data-lint.ts';
export { explainReceipt } from './record/explain.ts';
export { fitThreshold, type JudgedPair, judgePair } from './run/similarity-threshold.ts';

export interface RunningFarm {
  readonly farm: Farm;
  /** Where it listens; absent when it serves only the socket of its home. */
  readonly url?: string;
  readonly socket: string;
  /** Settles when the farm has stopped. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly settings: Settings;
  readonly log: (line: string) => void;
  /** False = only the socket of the home, for the time of one command. */
  readonly listen: boolean;
  /** Reads the settings anew, on SIGHUP and when the file changes; absent = they stay as they are. */
  readonly reread?: () => Promise<Settings>;
  readonly signal: AbortSignal;
}

/** By then the start is over and most code has run once. */
const COMPILED_MS = 10_000;

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

/** What `cadre doctor` tells; a configuration that is refused is a finding, not an end. */
export async function diagnose(): Promise<Finding[]> {
  try {
    const settings = await readSettings();
    return [...(await diagnoseMachine(settings)), ...(await diagnoseRunning(settings.home))];
  } catch (thrown) {
    const error = toCadreError(thrown);
    if (error.code !== 'config_invalid') throw error;
    return [
      {
        subject: 'configuration',
        state: 'bad',
        detail: `refused: ${error.message}`,
        remedy: 'A running farm keeps the one before; it takes over the file once it is right.',
      },
    ];
  }
}

/** What the running farm of a home has in force, and where it listens; undefined where none runs. */
export async function readRunning(
  home: string,
): Promise<{ readonly url?: string; readonly config: ConfigStatus } | undefined> {
  const running = await findRunning(home);
  if (running === undefined) return undefined;
  const { url } = running;
  return { ...(url === undefined ? {} : { url }), config: await configInForce(running) };
}

/** Fits and certifies a gate from graded requests; it is kept in the home and not in force yet. */
export async function fitGate(wish: Omit<GateFitWish, 'home' | 'now'>): Promise<GateFitResult> {
  const { home } = await readSettings();
  // Only this command needs it; a farm starts without.
  const { fitGateInHome } = await import('./compose/gate-fit.ts');
  return withHome(home, () => fitGateInHome({ ...wish, home, now: clock.now() }));
}

/** Adds a spoke to the gate in force, from few graded requests; kept in the home and not in force yet. */
export async function joinGate(wish: Omit<GateJoinWish, 'home' | 'now'>): Promise<GateJoinResult> {
  const { home } = await readSettings();
  // Only this command needs it; a farm starts without.
  const { joinGateInHome } = await import('./compose/gate-join.ts');
  return withHome(home, () => joinGateInHome({ ...wish, home, now: clock.now() }));
}

/** Work on a home; what the system refuses there is `disk_full` or `file_refused`. */
async function withHome<T>(home: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileTrouble(error, home) ?? error;
  }
}

/** Asks any gateway what it owes its clients; needs neither home nor farm. */
export async function evaluateConformance(options: {
  readonly wish: ConformanceWish;
  readonly signal: AbortSignal;
  readonly onResult: (result: CheckResult) => void;
}): Promise<ConformanceReport> {
  // Only this command needs it; a farm starts without.
  const { checkConformance } = await import('./compose/conformance.ts');
  return checkConformance({ ...options, clock, environment: process.env });
}

/** What a gate learned from graded requests makes of others; needs neither home nor farm. */
export async function evaluateGate(
  wish: GateWish,
): Promise<{ readonly evaluation: GateEvaluation; readonly picture?: string }> {
  // Only this command needs it; a farm starts without.
  const { evaluateGateFiles } = await import('./compose/gate-evaluation.ts');
  return evaluateGateFiles(wish);
}

/** How well the support check tells supported from unsupported sentences; may put a scorer in force. */
export async function evaluateGrounding(
  wish: Omit<GroundingWish, 'home' | 'now'>,
): Promise<GroundingResult> {
  const { home } = await readSettings();
  const { evaluateGroundingFiles } = await import('./compose/grounding-evaluation.ts');
  return withHome(home, () => evaluateGroundingFiles({ ...wish, home, now: clock.now() }));
}

/** Does the product find what a folder in BEIR's layout is judged to hold? Needs no running farm. */
export async function evaluateRetrieval(order: RetrievalOrder): Promise<RetrievalResult> {
  // Only this command needs it; a farm starts without.
  const { evaluateRetrievalInHome } = await import('./compose/retrieval-in-home.ts');
  return evaluateRetrievalInHome(await readSettings(), order);
}

/** What is wrong with a set of labelled rows, and what else is known of it; needs no farm. */
export async function examineRows(wish: ExaminationWish): Promise<DataReport> {
  const { examineData } = await import('./compose/data-examination.ts');
  const { home } = await readSettings();
  return examineData(wish, { home, publicData: process.env['CADRE_DATA'] });
}

/** The farm of the home: the running one over its socket, else one in this process without a port. */
export async function connectFarm(
  options: Pick<StartOptions, 'log' | 'signal'>,
): Promise<FarmClient> {
  const settings = await readSettings();
  return inHomeTurn(async () => {
    const found = await findRunning(settings.home);
    if (found !== undefined) return found.client;
    const running = await startFarm({ ...options, settings, listen: false });
    return createHomeClient(running.socket, 'own-process', () => running.stop());
  }, options.signal);
}

/** Composes a farm on a home and serves it; rejects with `home_locked`, `port_in_use`, `config_invalid` … */
export async function startFarm({
  settings,
  log,
  listen,
  reread,
  signal,
}: StartOptions): Promise<RunningFarm> {
  const lock = lockHome(settings.home);
  const stopped = Promise.withResolvers<void>();
  // Trouble while closing is for those who wait for the end; nobody has to.
  stopped.promise.catch(() => undefined);
  let closing: Promise<void> | undefined;
  let server: Server | undefined;
  let house: House | undefined;
  let url: string | undefined;
  const drainSeconds = () => (house?.farm.config ?? settings.config).limits.drainSeconds;
  const close = async () => {
    try {
      await server?.close({ drainSeconds: listen ? drainSeconds() : 0 });
    } finally {
      await house?.close().finally(() => lock.release());
      if (house === undefined) lock.release();
    }
  };
  const stop = () => {
    closing ??= close().then(stopped.resolve, stopped.reject);
    return closing;
  };
  try {
    house = await composeHouse({
      settings,
      clock,
      random,
      log,
      isDraining: () => closing !== undefined,
      stop: () => void stop(),
      url: () => url,
    });
    signal.throwIfAborted();
    const { farm } = house;
    server = createServer({
      farm,
      log: (line) => log(JSON.stringify(line)),
      consoleFolder: resolve(import.meta.dirname, '..', 'console', 'dist'),
    });
    const socket = socketPath(settings.home);
    await server.listenSocket(socket);
    url = listen ? await listenOn(server, farm) : undefined;
    lock.announce({ pid: process.pid, socket, ...(url ? { url } : {}) });
    signal.throwIfAborted();
    signal.addEventListener('abort', () => void stop(), { once: true });
    if (listen) startBackground(house, server);
    if (reread !== undefined) followConfig(house, reread, stop, stopped.promise);
    return { farm, ...(url ? { url } : {}), socket, done: stopped.promise, stop };
  } catch (error) {
    await stop();
    throw fileTrouble(error, settings.home) ?? error;
  }
}

/** Takes over a changed configuration on SIGHUP and when its file changes, until the farm has stopped. */
function followConfig(
  house: House,
  reread: () => Promise<Settings>,
  stop: () => Promise<void>,
  done: Promise<void>,
): void {
  const ended = new AbortController();
  const reload = () => void house.reload(reread);
  const hangUp = () => {
    // A terminal that was closed sends the same signal; then nobody is there to be served.
    if (process.stdin.isTTY && !isatty(0)) void stop();
    else reload();
  };
  process.on('SIGHUP', hangUp);
  watchConfig(configCandidates(process.env, process.cwd()), reload, ended.signal);
  const end = () => {
    ended.abort();
    process.off('SIGHUP', hangUp);
  };
  done.then(end, end);
}

function startBackground(house: House, server: Server): void {
  house.startBackground(server.batchWire);
  // Node keeps what it compiled at its exit only; a farm that is killed would compile anew.
  setTimeout(flushCompileCache, COMPILED_MS).unref();
}

/** Opens the port; beyond loopback only where at least one key was made. */
async function listenOn(server: Server, farm: Farm): Promise<string> {
  const { host, port } = farm.config.server;
  const isLoopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host);
  if (!isLoopback && (await farm.isKeyless()))
    throw new CadreError('keys_required', `the farm has no keys and may not listen on ${host}`);
  const { port: bound } = await server.listen({ host, port });
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}
