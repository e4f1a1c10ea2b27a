/** How well are the right documents ranked, by words, by meaning and by both, and what does a query cost? */
import { existsSync } from 'node:fs';
import { indexTerms } from '../src/base/tokens.ts';
import { CollectionIndex } from '../src/ground/collection-index.ts';
import { createBenchEmbedder } from './lib/embedder.ts';
import { auroc, bootstrapInterval, mean, ndcg, quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';
import { type RetrievalSet, readRetrievalSet } from './lib/retrieval-set.ts';

const SEED = 17;
const NAMES = ['cranfield', 'med', 'vaswani', 'code', 'scifact-train'];
