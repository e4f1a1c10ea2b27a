import { createAnthropicModel } from '../../src/adapters/models/anthropic-model.ts';
import { createOllamaModel } from '../../src/adapters/models/ollama-model.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { describeWire } from './model-contract.ts';
import { ANTHROPIC, LLAMA_SERVER, OLLAMA, OPENAI } from './wire-doubles.ts';

describeWire('a server of OpenAI’s dialect', OPENAI, createOpenAiModel);
describeWire('Anthropic', ANTHROPIC, createAnthropicModel);
describeWire('Ollama', OLLAMA, createOllamaModel);
describeWire('llama-server', LLAMA_SERVER, createOpenAiModel);
