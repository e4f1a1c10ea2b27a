import { WEATHER } from './answer-checks.ts';
import { type Check, type Finding, fail, judge, pass } from './check.ts';
import type { ReadAnswer } from './driver.ts';
import { brief } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';
import { SIXTY_WORDS } from './vendor-words.ts';

const WHOLE_TEXT = SIXTY_WORDS.join(' ');
/** How soon a stream without its end mark is over. */
const AT_ONCE_MS = 3000;

/** What the client sees of an upstream’s faults. */
export const upstreamFaultChecks: readonly Check[] = [
  fault('cut.stream', 'a stream cut upstream is no clean end', 'cut', true),
  {
    id: 'cut.tool-call',
    what: 'a stream cut upstream in the middle of a call’s arguments is no clean end',
    required: true,
    run: async (probe) => {
      const turns = [{ role: 'user', text: probe.freshQuestion() }] as const;
      const model = probe.scripted('cut-call');
      const answer = await probe.chat({ model, turns, tools: [WEATHER], stream: true });
      return judgeFailure(probe, answer, true);
    },
  },
  fault('cut.json', 'a body cut upstream is an error', 'cut', false),
  fault('fault.html', 'HTML with status 200 is an error', 'html', false),
  fault('fault.html-stream', 'and so it is for a stream', 'html', true),
  fault('fault.empty-choices', 'an answer without choices is an error', 'empty-choices', false),
  fault('fault.empty-stream', 'a stream without choices is an error', 'empty-choices', true),
  fault('fault.broken-json', 'a body that is half of JSON is an error', 'bad-chunk', false),
  fault('fault.long-line', 'a line of 10 MB that never ends is an error', 'long-line', true),
  fault('fault.stall', 'a stream that falls silent is ended as an error', 'stall', true),
  fault('fault.silent', 'an upstream that says nothing is given up', 'silent', false),
  fault('fault.failing', 'status 500 upstream is an error in shape', 'failing', false),
  {
    id: 'fault.bad-chunk',
    what: 'broken JSON in a chunk: an error, or the rest comes',
    required: true,
    run: checkBadChunk,
  },
  {
    id: 'fault.no-done',
    what: 'a whole stream without [DONE] ends cleanly',
    required: true,
    run: (probe) => checkNoDone(probe, 'no-done'),
  },
  {
    id: 'fault.no-done-open',
    what: `and at once (${AT_ONCE_MS / 1000} s) where the upstream stays open`,
    required: true,
    run: (probe) => checkNoDone(probe, 'no-done-open'),
  },
  {
    id: 'fault.odd-bytes',
    what: 'CRLF, comments and letters split between writes change nothing',
    required: true,
    run: async (probe) => {
      const answer = await askScripted(probe, 'odd-bytes', true);
      return judgeWhole(probe, answer);
    },
  },
];

export function askScripted(probe: Probe, name: string, stream: boolean): Promise<Answer> {
  const turns = [{ role: 'user', text: probe.freshQuestion() }] as const;
  return probe.chat({ model: probe.scripted(name), turns, stream });
}

function fault(id: string, what: string, name: string, stream: boolean): Check {
  return {
    id,
    what,
    required: true,
    run: async (probe) => judgeFailure(probe, await askScripted(probe, name, stream), stream),
  };
}

/** Passes where the client can tell that the answer is no success, or got a whole one elsewhere. */
function judgeFailure(probe: Probe, answer: Answer, stream: boolean): Finding {
  const took = `after ${(answer.ms / 1000).toFixed(1)} s`;
  // A timeout of our own is the gateway’s hanging, not its clear end.
  if (answer.ms >= probe.patienceMs) return fail(`no end within ${probe.parts.wish.patience} s`);
  if (answer.status >= 400) return judgeRefusal(probe, answer, took);
  if (answer.status === 0) return fail(`${describe(answer)} ${took}`);
  if (!stream) {
    if (answer.problem !== undefined) return pass(`the connection broke ${took}`);
    const text = probe.readWhole(answer)?.text;
    return text === WHOLE_TEXT
      ? pass(`answered from elsewhere ${took}`)
      : fail(`status 200: ${brief(answer.text)}`);
  }
  const read = probe.driver.readStream(answer.text);
  if (read.text === WHOLE_TEXT && read.terminated) return pass(`answered from elsewhere ${took}`);
  if (read.error !== undefined) return pass(`error event ${took}: ${brief(read.error, 60)}`);
  if (answer.problem !== undefined) return pass(`the connection broke ${took}`);
  return fail(cleanEnd(read));
}

/** A status tells the client enough; the shape must still be one that it can read. */
function judgeRefusal(probe: Probe, answer: Answer, took: string): Finding {
  const shape = probe.driver.faultOfError(answer.json);
  return judge(
    [
      // 408 is what some gateways say of a silent upstream; clients try again after it.
      answer.status < 500 &&
        answer.status !== 408 &&
        `blamed on the client: status ${answer.status}`,
      shape !== undefined && `status ${answer.status}, but ${shape}`,
    ],
    `status ${answer.status} ${took}`,
  );
}

function cleanEnd(read: ReadAnswer): string {
  const count = read.text === '' ? 0 : read.text.trim().split(/\s+/).length;
  const end = read.terminated ? 'its end mark' : 'an ordinary end of the body';
  return `a clean end: ${count} words, reason ${read.finish ?? 'none'}, ${end}`;
}

export function judgeWhole(probe: Probe, answer: Answer): Finding {
  const read = probe.driver.readStream(answer.text);
  return judge(
    [
      (answer.status !== 200 || answer.problem !== undefined) &&
        `${describe(answer)}: ${brief(answer.text)}`,
      read.error !== undefined && `an error inside: ${read.error}`,
      read.text !== WHOLE_TEXT && `the text is “${brief(read.text, 60)}”`,
      !read.terminated && 'the stream has no end mark',
      read.finish !== 'stop' && `the reason is ${read.finish ?? 'missing'}`,
    ],
    `60 words after ${(answer.ms / 1000).toFixed(1)} s`,
  );
}

async function checkNoDone(probe: Probe, name: string): Promise<Finding> {
  const answer = await askScripted(probe, name, true);
  const finding = judgeWhole(probe, answer);
  return finding.verdict === 'pass' && answer.ms > AT_ONCE_MS ? fail(finding.seen) : finding;
}

async function checkBadChunk(probe: Probe): Promise<Finding> {
  const answer = await askScripted(probe, 'bad-chunk', true);
  const read = probe.driver.readStream(answer.text);
  if (answer.ms >= probe.patienceMs) return fail('no end');
  if (answer.status >= 400) return judgeRefusal(probe, answer, '');
  if (read.error !== undefined) return pass(`error event: ${brief(read.error, 60)}`);
  if (answer.problem !== undefined) return pass('the connection broke');
  return read.text === WHOLE_TEXT && read.terminated
    ? pass('skipped, the rest came')
    : fail(cleanEnd(read));
}
