import { expect, it } from 'vitest';
import { send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

it.each(['/v1/embeddings', '/api/embed'])(
  'says of how many texts only the beginning was read: %s',
  async (path) => {
    const { port } = await startServer(createScriptedFarm());
    const headersOf = async (input: readonly string[]) => {
      const body = JSON.stringify({ model: 'bge-small', input });
      const answer = await send(port, { path, body });
      expect(answer.status).toBe(200);
      return answer.headers['x-cadre-truncated'];
    };
    expect(await headersOf(['short', 'x'.repeat(20_000), 'y'.repeat(20_000)])).toBe('2');
    expect(await headersOf(['short'])).toBeUndefined();
  },
);
