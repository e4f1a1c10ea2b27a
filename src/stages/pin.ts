import type { Call } from '../core/call.ts';
import type { Pin } from '../gate/pins.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** The spoke that the conversation is on: by its session, else by the call of the tool that it answers. */
export function pinOf({ pins }: PipelineParts, call: Call): Pin | undefined {
  const { messages } = call.request;
  const session = sessionOf(call);
  const pin = session === undefined ? undefined : pins.find(session, messages);
  return pin ?? pins.findCaller(call.caller.key, messages);
}

/** Puts the session on the chosen spoke; what it has read is known when it has answered. */
export function keepPin({ pins }: PipelineParts, { call }: Life, spoke: string): void {
  const session = sessionOf(call);
  if (session !== undefined) pins.keep(session, spoke);
}

/** Puts session and tool calls on the spoke that answered in the end, with what it has in its cache now. */
export function keepAnswerer({ pins }: PipelineParts, life: Life): void {
  const answered = life.builder.attempts.findLast((one) => one.outcome === 'released');
  if (answered === undefined) return;
  const { call } = life;
  // By the gate's own estimate, so that a later prompt is measured with the same yardstick.
  const tokens = life.promptTokens + answered.usage.completionTokens;
  const session = sessionOf(call);
  if (session !== undefined) pins.keep(session, answered.spoke, tokens);
  const calls = toolCalls(life);
  if (calls.size > 0) pins.keepCaller(call.caller.key, calls, answered.spoke, tokens);
}

function toolCalls({ events }: Life): ReadonlySet<string> {
  const ids = new Set<string>();
  // A long answer has thousands of events: nothing is made for those that are no calls.
  for (const event of events)
    if (event.type === 'tool-call-delta' && event.id !== undefined) ids.add(event.id);
  return ids;
}

/** Sessions of different keys never meet. */
function sessionOf(call: Call): string | undefined {
  return call.session === undefined ? undefined : `${call.caller.key} ${call.session}`;
}
