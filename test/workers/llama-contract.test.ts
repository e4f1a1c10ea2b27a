import { afterAll, beforeAll } from 'vitest';
import type { LoadedModel } from '../../src/core/ports.ts';
import { describeModel } from '../contracts/model-contract.ts';
import { loadModel, randomModel } from './llama-harness.ts';

const file = randomModel();
let loaded: LoadedModel;

beforeAll(async () => {
  loaded = await loadModel(file.path);
});
afterAll(async () => {
  await loaded.doUnload();
  file.remove();
});

describeModel('node-llama-cpp', async () => loaded.model);
