import type { ToolCall, ToolDefinition } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { schemaFindings } from './json-schema.ts';
import { exceptWords, parseJson } from './schema.ts';

/** Is every call of a tool that was offered, with arguments that its parameters accept? */
export function checkToolCalls(
  calls: readonly ToolCall[],
  tools: readonly ToolDefinition[],
): CheckResult {
  const unchecked = new Set<string>();
  for (const call of calls) {
    const problem = problemOf(call, tools, unchecked);
    if (problem) return failed('tool-call', 0, problem);
  }
  const count = calls.length;
  const words = `${count} tool call${count === 1 ? '' : 's'} with valid arguments`;
  return passed('tool-call', 1, `${words}${exceptWords([...unchecked])}`);
}

function problemOf(
  call: ToolCall,
  tools: readonly ToolDefinition[],
  unchecked: Set<string>,
): string | undefined {
  const tool = tools.find((one) => one.name === call.name);
  if (!tool) return `no tool is called ${quoted(call.name)}`;
  const value = parseJson(call.arguments.trim() === '' ? '{}' : call.arguments);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `the arguments of ${call.name} are not a JSON object`;
  const findings = tool.parameters && schemaFindings(value, tool.parameters);
  for (const word of findings?.unchecked ?? []) unchecked.add(word);
  const problems = findings?.problems ?? [];
  return problems[0] && `the arguments of ${call.name}: ${problems[0]}`;
}
