import type { ModelStatus, PullProgress } from '../../src/core/catalogue.ts';
import type { SpokeConfig } from '../../src/core/config.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { FarmStatus, ModelName } from '../../src/core/farm.ts';
import type { GateStatus } from '../../src/core/gate-report.ts';
import type { ServerStatus } from '../../src/core/model-server.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ShadowStatus } from '../../src/core/shadow.ts';
import { getJson, messageOf, postJson, streamJson } from './api.ts';

const BASE = '/cadre/v1';

export const loadStatus = () => getJson<FarmStatus>(`${BASE}/status`);

export async function loadNames(): Promise<readonly ModelName[]> {
  return (await getJson<{ names: ModelName[] }>(`${BASE}/names`)).names;
}

export async function loadModels(): Promise<readonly ModelStatus[]> {
  return (await getJson<{ models: ModelStatus[] }>(`${BASE}/models`)).models;
}

export async function loadServers(): Promise<readonly ServerStatus[]> {
  return (await getJson<{ servers: ServerStatus[] }>(`${BASE}/servers`)).servers;
}

/** A model of a server of its own, named `DESTINATION/MODEL`. */
export const moveServedModel = (id: string, deed: 'load' | 'unload') =>
  postJson(`${BASE}/models/${encodeURIComponent(id)}/${deed}`, {});

export async function loadSpokes(): Promise<readonly SpokeConfig[]> {
  return (await getJson<{ spokes: SpokeConfig[] }>(`${BASE}/spokes`)).spokes;
}

export const loadReceipt = (id: string) =>
  getJson<{ receipt: Receipt; children: readonly Receipt[] }>(
    `${BASE}/receipts/${encodeURIComponent(id)}`,
  );

/** A receipt that was written just now; undefined when the request left none. */
export async function findFreshReceipt(id: string): Promise<Receipt | undefined> {
  const { receipts } = await getJson<{ receipts: Receipt[] }>(`${BASE}/receipts?limit=30`);
  return receipts.find((receipt) => receipt.id === id);
}

export async function loadEvents(id: string): Promise<readonly CadreEvent[]> {
  const path = `${BASE}/receipts/${encodeURIComponent(id)}/events`;
  return (await getJson<{ events: CadreEvent[] }>(path)).events;
}

export interface FleetSnapshot {
  readonly status: FarmStatus;
  readonly models: readonly ModelStatus[];
}

export async function* watchFleet(signal: AbortSignal): AsyncGenerator<FleetSnapshot> {
  for await (const value of streamJson(`${BASE}/fleet`, undefined, signal))
    yield value as FleetSnapshot;
}

export async function* pullModel(id: string, signal: AbortSignal): AsyncGenerator<PullProgress> {
  for await (const value of streamJson(`${BASE}/models/${encodeURIComponent(id)}/pull`, {}, signal))
    yield value as PullProgress;
}

export const unloadModel = (id: string) =>
  postJson<{ unloaded: boolean }>(`${BASE}/models/${encodeURIComponent(id)}/unload`, {});

export const loadModel = (id: string) =>
  postJson(`${BASE}/models/${encodeURIComponent(id)}/load`, {});

export const pinModel = (id: string) =>
  postJson(`${BASE}/models/${encodeURIComponent(id)}/pin`, {});

export const unpinModel = (id: string) =>
  postJson(`${BASE}/models/${encodeURIComponent(id)}/unpin`, {});

type GateAnswer = { readonly gate: GateStatus };

export const loadGate = async () => (await getJson<GateAnswer>(`${BASE}/gate`)).gate;

/** 0 = the starter's table. */
export const chooseGate = async (version: number) =>
  (await postJson<GateAnswer>(`${BASE}/gate/choose`, { version })).gate;

export const rollbackGate = async () =>
  (await postJson<GateAnswer>(`${BASE}/gate/rollback`, {})).gate;

/** Where the cost–quality curve of a gate is. */
export const curvePath = (version: number) => `${BASE}/gate/${version}/curve.svg`;

/** How shadow runs stand. */
export const loadShadow = async () =>
  (await getJson<{ shadow: ShadowStatus }>(`${BASE}/gate/shadow`)).shadow;

/** What the gate would do; no model is asked. */
export async function decideFor(model: string, content: string): Promise<RouteDecision> {
  const body = { model, messages: [{ role: 'user', content }] };
  return (await postJson<{ decision: RouteDecision }>('/v1/gate/decide', body)).decision;
}

/**
 * Exchanges the one-time token of the printed address for a session and takes it out of the
 * address. Returns what went wrong; a used token is no trouble while the session it opened lives.
 */
export async function signIn(): Promise<string | undefined> {
  const token = new URLSearchParams(location.search).get('token');
  if (token === null) return undefined;
  const rest = new URLSearchParams(location.search);
  rest.delete('token');
  const query = rest.size === 0 ? '' : `?${rest}`;
  history.replaceState(null, '', `${location.pathname}${query}${location.hash}`);
  try {
    await postJson(`${BASE}/session`, { token });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
