import { openMeasuringEmbedder } from './measuring-embedder.ts';
import {
  evaluateRetrievalFolder,
  type RetrievalParts,
  type RetrievalResult,
  type RetrievalWish,
} from './retrieval-evaluation.ts';
import type { Settings } from './settings.ts';

export type RetrievalOrder = { readonly wish: RetrievalWish } & Pick<
  RetrievalParts,
  'onProgress' | 'signal'
>;

/** Measures with the home's embedder, where it is installed, and the weight of its configuration. */
export async function evaluateRetrievalInHome(
  { home, config }: Settings,
  { wish, ...watch }: RetrievalOrder,
): Promise<RetrievalResult> {
  const onlyWords = wish.legs?.every((leg) => leg === 'lexical') === true;
  const embedder = onlyWords ? undefined : openMeasuringEmbedder(home);
  const { denseWeight } = config.ground;
  try {
    return await evaluateRetrievalFolder(wish, { ...watch, embedder, denseWeight });
  } finally {
    await embedder?.doClose();
  }
}
