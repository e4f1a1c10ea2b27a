import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createLlamaServer } from '../../src/adapters/models/llama-server.ts';
import { createOllamaServer } from '../../src/adapters/models/ollama-server.ts';
import type { ServerClientOptions } from '../../src/adapters/models/server-client.ts';
import { VllmServer } from '../../src/adapters/models/vllm-server.ts';
import type { ModelServer } from '../../src/core/model-server.ts';
import { freePort } from '../conformance/ports.ts';
import { PERMIT, sendAnswer, startVendor, type Vendor } from '../fixtures/vendor.ts';
import {
  OLLAMA_SERVER,
  ROUTER,
  type ServerDouble,
  type ServerKind,
  VLLM_SERVER,
} from './server-doubles.ts';

const KEY = 'sk-never-to-be-seen';
const { signal } = new AbortController();

function describeServer(
  name: string,
  kind: ServerKind,
  create: (options: ServerClientOptions) => ModelServer,
): void {
  const open = (
    vendor: Vendor,
    refusal: (permit: unknown, to: string) => string | undefined = () => undefined,
  ) => {
    const destination = vendor.destination({ url: vendor.url, ...kind.destination });
    const egress = createEgress({ refusal, destinations: [destination] });
    onTestFinished(() => egress.close());
    return create({ destination, key: KEY, egress, permit: () => PERMIT });
  };
  const start = async (): Promise<ServerDouble & { readonly server: ModelServer }> => {
    const double = await kind.start();
    return { ...double, server: open(double.vendor) };
  };
  const seen = async (server: ModelServer) =>
    (await server.doList({ signal })).find((one) => one.id === kind.model);

  describe(name, () => {
    it('tells which models it has, which are in memory and what they take', async () => {
      const { server, vendor } = await start();
      expect(await seen(server)).toMatchObject({ state: 'out' });
      expect((await seen(server))?.memoryBytes).toBeUndefined();
      await server.doLoad(kind.model, { signal, pin: false });
      const loaded = await seen(server);
      expect(loaded).toMatchObject({ state: 'resident' });
      expect(loaded?.memoryBytes).toBe(kind.bytes);
      for (const { headers } of vendor.requests)
        expect(headers.authorization).toBe(`Bearer ${KEY}`);
    });

    it('loads and unloads, and says when there was nothing to do', async () => {
      const { server, held } = await start();
      await server.doLoad(kind.model, { signal, pin: false });
      await server.doLoad(kind.model, { signal, pin: false });
      expect([...held]).toEqual([kind.model]);
      expect(await server.doUnload(kind.model, { signal })).toBe(true);
      expect([...held]).toEqual([]);
      expect(await server.doUnload(kind.model, { signal })).toBe(false);
    });

    it('knows no model that is not there', async () => {
      const { server, held } = await start();
      await expect(server.doLoad('nobody', { signal, pin: false })).rejects.toMatchObject({
        code: 'model_not_found',
        message: expect.stringContaining('nobody'),
      });
      expect([...held]).toEqual([]);
    });

    it.each([
      [401, `{"error":{"message":"bad key ${KEY}"}}`, 'config_invalid'],
      [503, `{"error":"busy, ${KEY}"}`, 'upstream_overloaded'],
      [200, '<html>', 'upstream_failed'],
    ])('is not believed when it answers %i %s', async (status, body, code) => {
      const vendor = await startVendor((_request, response) => sendAnswer(response, status, body));
      const error: unknown = await open(vendor)
        .doList({ signal })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect(String(error)).not.toContain(KEY);
    });

    it('may be gone, or silent until nobody waits', async () => {
      const silent = await startVendor(() => undefined);
      const port = await freePort();
      const gone = open({ ...silent, url: `http://127.0.0.1:${port}` });
      await expect(gone.doList({ signal })).rejects.toMatchObject({ fault: 'unreachable' });
      const controller = new AbortController();
      const asked = open(silent).doList({ signal: controller.signal });
      asked.catch(() => undefined);
      while (silent.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow('enough');
      await silent.requests[0]?.gone;
    });

    it('is asked with leave for its models alone', async () => {
      const { vendor } = await kind.start();
      const wanted: string[] = [];
      const server = open(vendor, (_permit, destination) => {
        wanted.push(destination);
        return 'no';
      });
      await expect(server.doList({ signal })).rejects.toMatchObject({ code: 'egress_refused' });
      expect(new Set(wanted)).toEqual(new Set(['models:vendor']));
      expect(vendor.requests).toEqual([]);
    });
  });
}

describeServer('an Ollama server', OLLAMA_SERVER, createOllamaServer);
describeServer('a llama-server that routes', ROUTER, createLlamaServer);
describeServer('a vLLM server', VLLM_SERVER, (options) => new VllmServer(options));
