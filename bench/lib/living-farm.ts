import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeHouse } from '../../src/compose/house.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { Farm } from '../../src/core/farm.ts';
import type { DocumentRow } from '../../src/core/stores.ts';
import { createServer } from '../../src/server/server.ts';
import { LivingVendor } from './living-vendor.ts';

export const TEAMS = ['north', 'south', 'none'] as const;
export type Team = (typeof TEAMS)[number];
export const COLLECTION = 'living';
/** Quiet time after a change before the folder is read, in milliseconds. */
export const DEBOUNCE_MS = 50;

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** A farm over a folder that is changed under it, with a key per team and one of an operator. */
export class LivingFarm {
  readonly folder: string;
  readonly farm: Farm;
  /** What the farm told its log. */
  readonly lines: string[] = [];
  readonly #url: string;
  readonly #keys: ReadonlyMap<Team | 'operator', string>;
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Pick<LivingFarm, 'folder' | 'farm' | 'lines'> & {
      readonly url: string;
      readonly keys: ReadonlyMap<Team | 'operator', string>;
      readonly close: () => Promise<void>;
    },
  ) {
    this.folder = parts.folder;
    this.farm = parts.farm;
    this.lines = parts.lines;
    this.#url = parts.url;
    this.#keys = parts.keys;
    this.#close = parts.close;
  }

  static async open(onPrompt: (prompt: string) => void): Promise<LivingFarm> {
    const root = mkdtempSync(join(tmpdir(), 'cadre-living-'));
    const [home, folder] = [join(root, 'home'), join(root, 'documents')];
    for (const one of [home, ...['', 'north', 'south'].map((name) => join(folder, name))])
      mkdirSync(one, { recursive: true });
    const vendor = await LivingVendor.start(onPrompt);
    const lines: string[] = [];
    const house = await composeHouse({
      settings: { config: configOf(vendor.url, folder), home, environment: {} },
      clock: { now: Date.now, elapsed: () => performance.now() },
      random: { id: (count) => randomBytes(count).toString('hex').slice(0, count) },
      log: (line) => lines.push(line),
      isDraining: () => false,
      stop: () => undefined,
      url: () => undefined,
    });
    const server = createServer({
      farm: house.farm,
      log: (line) => lines.push(JSON.stringify(line)),
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const keys = new Map<Team | 'operator', string>();
    for (const name of ['operator', ...TEAMS] as const) {
      const principals = name === 'none' ? ['public'] : ['public', name];
      const { secret } = await house.farm.addKey({ name, principals, keepsText: name === 'north' });
      keys.set(name, secret);
    }
    house.startBackground(server.batchWire);
    return new LivingFarm({
      folder,
      farm: house.farm,
      lines,
      url: `http://127.0.0.1:${port}`,
      keys,
      async close() {
        await server.close({ drainSeconds: 5 });
        await house.close();
        vendor.close();
        rmSync(root, { recursive: true });
      },
    });
  }

  async send(who: Team | 'operator', path: string, body?: object, method?: string) {
    const response = await fetch(`${this.#url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${this.#keys.get(who)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, text: await response.text() };
  }

  ask(team: Team, slot: number): Promise<HttpAnswer> {
    return this.send(team, '/v1/chat/completions', {
      model: `knowledge:${COLLECTION}`,
      temperature: 0,
      // The caller is named where it is no part of the question.
      messages: [
        { role: 'system', content: `You answer team ${team}.` },
        { role: 'user', content: `At what pressure does valve K${slot} open?` },
      ],
    });
  }

  /** The same as a stored response; `before` = one whose conversation goes on. */
  respond(team: Team, slot: number, before: string | undefined): Promise<HttpAnswer> {
    return this.send(team, '/v1/responses', {
      model: `knowledge:${COLLECTION}`,
      temperature: 0,
      instructions: `You answer team ${team}.`,
      input: `At what pressure does valve K${slot} open?`,
      ...(before === undefined ? {} : { previous_response_id: before }),
    });
  }

  search(team: Team, slot: number): Promise<HttpAnswer> {
    return this.send(team, `/cadre/v1/collections/${COLLECTION}/search`, {
      query: `valve K${slot} opens at`,
      limit: 10,
    });
  }

  documents(): Promise<readonly DocumentRow[]> {
    return this.farm.documents(COLLECTION);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function configOf(vendor: string, folder: string) {
  return parseConfig({
    fleet: { starter: false, offline: true },
    cache: { exact: true },
    ground: { debounceMs: DEBOUNCE_MS },
    destinations: [{ id: 'vendor', kind: 'openai', url: vendor, clearance: 'secret' }],
    spokes: [
      { id: 'reader', model: 'vendor/reader', kind: 'grounded', sampling: { temperature: 0 } },
    ],
    collections: [
      {
        name: COLLECTION,
        folder,
        rules: [
          { path: '/north/', principals: ['north'] },
          { path: '/south/', principals: ['south'] },
        ],
      },
    ],
  });
}
