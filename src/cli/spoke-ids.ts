import { type CommandInput, withFarm } from './command.ts';

/** Spokes of the running farm's configuration. */
export async function spokeIds(input: CommandInput): Promise<readonly string[]> {
  let ids: readonly string[] = [];
  await withFarm(input, async (client) => {
    const { signal } = input;
    const { data } = (await client.doGet('/v1/models', { signal })) as {
      data: { id: string; cadre: { kind: string; alias?: string } }[];
    };
    ids = data
      .filter(
        ({ id, cadre }) => cadre.kind === 'spoke' && cadre.alias === undefined && id !== 'hub',
      )
      .map(({ id }) => id);
    return 0;
  });
  return ids;
}
