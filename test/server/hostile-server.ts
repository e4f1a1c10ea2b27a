import { createServer } from '../../src/server/server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

/** A server of its own process with the configuration of its first argument; prints its port. */
const farm = createScriptedFarm(JSON.parse(process.argv[2] ?? '{}'));
const server = createServer({ farm, log: () => {} });
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${port}\n`);
process.on('SIGTERM', () => void server.close({ drainSeconds: 0 }).then(() => process.exit(0)));
