import { createAiSdkLibrary } from './ai-sdk-library.ts';
import { createAnthropicLibrary } from './anthropic-library.ts';
import type { ClientLibrary } from './client-library.ts';
import { createLangChainLibrary } from './langchain-library.ts';
import { createOllamaLibrary } from './ollama-library.ts';
import { createOpenAiAgentsLibrary } from './openai-agents-library.ts';
import { createOpenAiLibrary } from './openai-library.ts';
import { createPythonLibrary, findPython } from './python-library.ts';

const python = findPython();

interface Library {
  readonly name: string;
  /** What it needs is not on this machine. */
  readonly missing: boolean;
  readonly create: (url: string) => ClientLibrary;
}

/** Every client library that an application may have; none of them is changed in any way. */
export const LIBRARIES: readonly Library[] = [
  library(createOpenAiLibrary),
  library(createAiSdkLibrary),
  library(createLangChainLibrary),
  library((url) => createOpenAiAgentsLibrary(url, false)),
  library((url) => createOpenAiAgentsLibrary(url, true)),
  library(createAnthropicLibrary),
  library(createOllamaLibrary),
  library((url) => createPythonLibrary(url, 'openai', python ?? ''), python === undefined),
  library((url) => createPythonLibrary(url, 'anthropic', python ?? ''), python === undefined),
];

function library(create: Library['create'], missing = false): Library {
  return { name: create('http://127.0.0.1').name, missing, create };
}
