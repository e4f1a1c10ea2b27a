import type { CommandInput } from './command.ts';

/** The farm's embedder, each text embedded once for the time of one command. */
export interface FarmEmbedding {
  readonly embedder: string;
  readonly embed: (texts: readonly string[]) => Promise<Float32Array[]>;
  doClose(): Promise<void>;
}

/** Texts per request. */
const BATCH = 64;

/** Undefined where the farm has no embedder that is ready. */
export async function openEmbedding(input: CommandInput): Promise<FarmEmbedding | undefined> {
  const client = await input.connect();
  const { signal } = input;
  const { data: models } = (await client.doGet('/v1/models', { signal })) as {
    data: { id: string; cadre?: { kind?: string; ready?: boolean; alias?: string } }[];
  };
  const embedder = models.find(
    ({ cadre }) => cadre?.kind === 'embedder' && cadre.ready && !cadre.alias,
  )?.id;
  if (embedder === undefined) {
    await client.doClose();
    return undefined;
  }
  const vectors = new Map<string, Float32Array>();
  const fetchVectors = async (texts: readonly string[]) => {
    const answer = (await client.doSend(
      'POST',
      '/v1/embeddings',
      { model: embedder, input: texts, input_type: 'passage', encoding_format: 'base64' },
      { signal },
    )) as { data: { embedding: string }[] };
    for (const [at, one] of answer.data.entries())
      vectors.set(texts[at] ?? '', readVector(one.embedding));
  };
  return {
    embedder,
    async embed(texts) {
      const missing = [...new Set(texts)].filter(
        (text) => text.trim() !== '' && !vectors.has(text),
      );
      for (let from = 0; from < missing.length; from += BATCH)
        await fetchVectors(missing.slice(from, from + BATCH));
      const size = vectors.values().next().value?.length ?? 0;
      return texts.map((text) => vectors.get(text) ?? new Float32Array(size));
    },
    doClose: () => client.doClose(),
  };
}

/** 32-bit floats, little-endian. */
function readVector(encoded: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(encoded, 'base64'));
  return new Float32Array(bytes.buffer);
}
