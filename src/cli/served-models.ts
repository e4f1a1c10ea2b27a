import type { FarmClient } from '../core/farm-client.ts';
import { formatBytes } from '../core/format-bytes.ts';
import type { ServerStatus } from '../core/model-server.ts';
import { formatTable, note, paint, print, safe } from './terminal.ts';

/** The servers that hold models of their own, as they stand. */
export async function readServers(
  client: FarmClient,
  signal: AbortSignal,
): Promise<readonly ServerStatus[]> {
  const answer = await client.doGet('/cadre/v1/servers', { signal });
  return (answer as { servers: readonly ServerStatus[] }).servers;
}

/** Their models, all or those in memory; what these take counts against no budget of the farm. */
export function printServers(servers: readonly ServerStatus[], which: 'all' | 'held'): void {
  const rows = servers.flatMap(({ models }) =>
    models
      .filter(({ state }) => which === 'all' || state !== 'out')
      .map(({ id, state, memoryBytes, adapterOf }) => [
        safe(id),
        adapterOf === undefined ? state : `${state}, adapter of ${safe(adapterOf)}`,
        memoryBytes === undefined ? '–' : formatBytes(memoryBytes),
      ]),
  );
  if (rows.length > 0)
    for (const line of formatTable([['elsewhere', 'state', 'memory'], ...rows])) print(line);
  for (const { id, problem } of servers)
    if (problem !== undefined) note(paint('yellow', `${id}: ${safe(problem)}`, process.stderr));
}
