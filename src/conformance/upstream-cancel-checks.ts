import type { VendorRecord } from '../core/gateway.ts';
import { type Check, type Finding, judge } from './check.ts';
import { describe, type Probe } from './probe.ts';
import { HUNDRED, HUNDRED_PAUSE } from './vendor-faults.ts';

/** Longest time from the client’s leaving to the vendor’s seeing it. */
const NOTICE_MS = 500;
/** Chunks that are on their way when the client leaves: what the notice may let through. */
const MOST_DRAINED = 5 + NOTICE_MS / HUNDRED_PAUSE;

/** What happens upstream when the client leaves. */
export const upstreamCancelChecks: readonly Check[] = [
  {
    id: 'cancel.stream',
    what: `the client leaves after 5 of ${HUNDRED} chunks: the upstream is let go within ${NOTICE_MS} ms`,
    required: true,
    run: (probe) => checkLeaving(probe, 'stream'),
  },
  {
    id: 'cancel.before-headers',
    what: 'the client leaves before a streamed answer began: the upstream is let go',
    required: true,
    run: (probe) => checkLeaving(probe, 'waiting-stream'),
  },
  {
    id: 'cancel.json',
    what: 'the client leaves while it waits for JSON: the upstream is let go',
    required: true,
    run: (probe) => checkLeaving(probe, 'waiting-json'),
  },
];

async function checkLeaving(
  probe: Probe,
  how: 'stream' | 'waiting-stream' | 'waiting-json',
): Promise<Finding> {
  const { clock } = probe.parts;
  const name = how === 'stream' ? 'hundred' : 'slow';
  const from = clock.elapsed();
  const answer = await probe.chat(
    {
      model: probe.scripted(name),
      turns: [{ role: 'user', text: probe.freshQuestion() }],
      stream: how !== 'waiting-json',
    },
    how === 'stream' ? { leaveWhen: (text) => text.includes('word4') } : { leaveAfterMs: 400 },
  );
  const leftAt = clock.elapsed();
  const seen = (): VendorRecord | undefined => probe.seenBy(name, from)[0];
  await probe.until(() => seen()?.closedAt !== undefined, HUNDRED * HUNDRED_PAUSE + 4000);
  const record = seen();
  if (record === undefined) return judge([`the upstream saw no request (${describe(answer)})`], '');
  const drained = how === 'stream' ? `${record.chunks} of ${HUNDRED} chunks drained` : 'no answer';
  const notice = record.closedAt === undefined ? undefined : record.closedAt - leftAt;
  const when =
    notice === undefined ? 'never closed' : `closed after ${Math.max(0, Math.round(notice))} ms`;
  return judge(
    [
      !record.deserted && `the upstream was read to its end: ${drained}`,
      record.deserted && (notice ?? Number.POSITIVE_INFINITY) > NOTICE_MS && when,
      record.chunks > MOST_DRAINED && `${drained}, ${when}`,
    ],
    `${drained}, ${when}`,
  );
}
