import { type Check, type Finding, fail, judge, pass } from './check.ts';
import { brief } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';

const DEPTH = 100_000;
const OVERSIZE_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 64 * 1024;
const REFUSALS = new Set([400, 413, 414, 415, 422, 431]);

/** Input of bad will: refused in clear words, and the gateway lives on. */
export const limitChecks: readonly Check[] = [
  hostile('limits.depth', `JSON nested ${DEPTH} levels deep is refused`, false, (probe) =>
    sendRaw(probe, `{"x":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)},${bodyText(probe).slice(1)}`),
  ),
  hostile('limits.duplicate-keys', 'a body that names two models is refused', false, (probe) =>
    sendRaw(probe, `{"model":"another",${bodyText(probe).slice(1)}`),
  ),
  hostile('limits.bad-utf8', 'bytes that are not UTF-8 are refused', true, (probe) => {
    const bytes = new TextEncoder().encode(bodyText(probe));
    const middle = new TextDecoder('latin1').decode(bytes).indexOf('Hello');
    bytes[middle] = 0xff;
    return sendRaw(probe, bytes);
  }),
  hostile('limits.surrogate', 'half of a surrogate pair is refused', false, (probe) =>
    sendRaw(probe, bodyText(probe).replace('Hello', '\\ud83d')),
  ),
  hostile('limits.oversize', `a body of ${OVERSIZE_BYTES >> 20} MB is refused`, false, (probe) => {
    const bytes = new Uint8Array(OVERSIZE_BYTES).fill(0x20);
    bytes.set(new TextEncoder().encode(bodyText(probe)), 0);
    return sendRaw(probe, bytes);
  }),
  hostile('limits.headers', `${HEADER_BYTES >> 10} KB of headers are refused`, false, (probe) =>
    probe.say('Hello', {}, { headers: { 'x-filler': 'a'.repeat(HEADER_BYTES) } }),
  ),
  {
    id: 'limits.alive',
    what: 'after all this the next request is served',
    required: true,
    run: async (probe) => {
      const answer = await probe.say('Hello', { maxTokens: 5 });
      return judge([answer.status !== 200 && describe(answer)], describe(answer));
    },
  },
];

function bodyText(probe: Probe): string {
  const turns = [{ role: 'user', text: 'Hello' }] as const;
  return JSON.stringify(probe.driver.chat({ model: probe.model, turns, maxTokens: 5 }));
}

function sendRaw(probe: Probe, body: string | Uint8Array): Promise<Answer> {
  return probe.post(probe.driver.chatPath, body);
}

function hostile(
  id: string,
  what: string,
  required: boolean,
  ask: (probe: Probe) => Promise<Answer>,
): Check {
  return { id, what, required, run: async (probe) => judgeRefusal(await ask(probe)) };
}

function judgeRefusal(answer: Answer): Finding {
  const seen = `${describe(answer)} after ${Math.round(answer.ms)} ms`;
  if (REFUSALS.has(answer.status)) return pass(seen);
  return fail(
    answer.status === 200 ? `served: ${brief(answer.text)}` : `${seen}: ${brief(answer.text)}`,
  );
}
