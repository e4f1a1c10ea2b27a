import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { composeFleetControl, composeModelServers } from '../../src/compose/model-servers.ts';
import { parseConfig } from '../../src/core/config.ts';
import { createPermitOffice } from '../../src/policy/permits.ts';
import { OLLAMA_SERVER, ROUTER } from '../contracts/server-doubles.ts';

const { signal } = new AbortController();

const LIST = JSON.stringify({ data: [{ id: 'm' }, { id: 5 }, {}, { id: 'x'.repeat(5000) }, null] });

/** Two servers of their own, one that is not there, and one that holds no models. */
async function control() {
  const [ollama, router] = await Promise.all([OLLAMA_SERVER.start(), ROUTER.start()]);
  const servers = serversOf([
    { id: 'desk', vendor: 'ollama', url: ollama.vendor.url },
    { id: 'rack', vendor: 'llama-server', url: `${router.vendor.url}/v1` },
    { id: 'gone', vendor: 'vllm', url: 'http://127.0.0.1:1', keyEnv: 'GONE_KEY' },
    { id: 'cloud', vendor: 'openai', keyEnv: 'CLOUD_KEY' },
  ]);
  const own: string[] = [];
  const models = {
    load: async (id: string) => void own.push(`load ${id}`),
    unload: async (id: string) => own.push(`unload ${id}`) > 0,
    unpin: (id: string) => own.push(`unpin ${id}`) > 0,
  };
  return { ollama, router, own, fleet: composeFleetControl(models, () => servers) };
}

function serversOf(destinations: readonly object[]) {
  const config = parseConfig({ destinations });
  const permits = createPermitOffice({ now: () => Date.now() });
  const egress = createEgress({ refusal: permits.refusal, destinations: config.destinations });
  onTestFinished(() => egress.close());
  const settings = { config, home: '/nowhere', environment: {}, file: undefined } as unknown;
  return composeModelServers({
    settings: settings as Parameters<typeof composeModelServers>[0]['settings'],
    egress,
    permits,
  });
}

describe('models of other servers', () => {
  it('that lie of their names are shown by those that can be asked for', async () => {
    const liar = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(LIST);
    }).listen(0, '127.0.0.1');
    await once(liar, 'listening');
    onTestFinished(() => void liar.close());
    const { port } = liar.address() as AddressInfo;
    const servers = serversOf([
      { id: 'liar', vendor: 'vllm', url: `http://127.0.0.1:${port}`, adapters: {} },
    ]);
    const [status] = await servers.statuses({ signal });
    expect(status?.models.map(({ id }) => id)).toEqual(['liar/m']);
  });

  it('are listed by the names that spokes use, with the problem of a server that does not answer', async () => {
    const { fleet } = await control();
    await fleet.load('desk/tiny', { signal, pin: false });
    expect(await fleet.servers({ signal })).toEqual([
      {
        id: 'desk',
        kind: 'ollama',
        models: [
          {
            id: 'desk/tiny:latest',
            state: 'resident',
            memoryBytes: 5_137_025_024,
            contextLength: 4096,
          },
          { id: 'desk/large:70b', state: 'out' },
        ],
      },
      {
        id: 'rack',
        kind: 'llama-server',
        models: [
          { id: 'rack/ggml-org/tiny-GGUF:Q8_0', state: 'out' },
          { id: 'rack/broken', state: 'out' },
        ],
      },
      {
        id: 'gone',
        kind: 'vllm',
        models: [],
        problem: 'destination gone wants its key in GONE_KEY, which is not set',
      },
    ]);
  });

  it('are loaded and unloaded there, whatever stands in their names, and others here', async () => {
    const { fleet, ollama, router, own } = await control();
    await fleet.load('rack/ggml-org/tiny-GGUF:Q8_0', { signal, pin: false });
    expect([...router.held]).toEqual(['ggml-org/tiny-GGUF:Q8_0']);
    expect(await fleet.unload('rack/ggml-org/tiny-GGUF:Q8_0')).toBe(true);
    expect([...router.held]).toEqual([]);
    await fleet.load('desk/large:70b', { signal, pin: true });
    expect(JSON.parse(ollama.vendor.requests.at(-1)?.body ?? '')).toMatchObject({ keep_alive: -1 });
    expect(own).toEqual([]);
    await fleet.load('smollm', { signal, pin: false });
    await fleet.unload('cloud/gpt');
    expect(own).toEqual(['load smollm', 'unload cloud/gpt']);
  });

  it('tell what they cannot do', async () => {
    const { fleet } = await control();
    await expect(fleet.load('rack/broken', { signal, pin: false })).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    await expect(fleet.load('rack/broken', { signal, pin: true })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(() => fleet.unpin('desk/tiny')).toThrow('gives way when it is unloaded');
  });
});
