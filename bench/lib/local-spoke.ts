import type { GateSpoke } from '../../src/gate/spoke.ts';

/** A healthy local 1.5B spoke as the gate sees it, changed where a benchmark says so. */
export function localSpoke(id: string, change: Partial<GateSpoke>): GateSpoke {
  return {
    id,
    kind: 'chat',
    destination: 'local',
    modelId: 'qwen2.5-coder-1.5b-instruct-q4_k_m',
    installed: true,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: 4096,
    maxTokens: 512,
    addedTokens: 0,
    tools: false,
    vision: false,
    continues: true,
    output: 'text',
    tasks: [],
    fallback: [],
    secondsPerPromptToken: 0.013,
    secondsPerToken: 0.045,
    loadSeconds: 5,
    dollarsPerSecond: 1.25e-6,
    ...change,
  };
}
