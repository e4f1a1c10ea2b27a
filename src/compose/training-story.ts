import { counted } from '../base/counted.ts';
import { type Caller, OPERATOR } from '../core/call.ts';
import type { JsonObject } from '../core/chat.ts';
import type { ObjectRow, ObjectStore } from '../core/objects.ts';
import { isOverJob, type TrainingEvent, type TrainingJobBody } from '../core/training-job.ts';

/** Events of one job; a story that is longer is cut, not its end. */
const EVENTS_MOST = 1000;

/** How long a job that is over can be looked at. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Changes a job against whatever else changes it; undefined when it is gone. One that is over, however
 * it ended, goes after its time.
 */
export async function changeJob(
  objects: ObjectStore,
  id: string,
  change: (body: TrainingJobBody) => TrainingJobBody,
): Promise<ObjectRow | undefined> {
  for (;;) {
    const row = await objects.doGetObject('fine_tuning_job', id);
    if (row === undefined) return undefined;
    const found = row.body as TrainingJobBody;
    const body = change(found);
    const ended = isOverJob(body) ? (body.times[body.status] ?? row.createdAt) : undefined;
    const changed = {
      ...row,
      body,
      ...(ended === undefined ? {} : { expiresAt: ended + KEPT_MS }),
    };
    if (body === found || (await objects.doChangeObject(changed, found))) return changed;
  }
}

const PAGE = 100;

/** All jobs, oldest first. */
export async function listJobs(objects: ObjectStore): Promise<ObjectRow[]> {
  const found: ObjectRow[] = [];
  for (let after: string | undefined; ; ) {
    const rows = await objects.doListObjects({
      kind: 'fine_tuning_job',
      limit: PAGE,
      oldestFirst: true,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...rows);
    after = rows.at(-1)?.id;
    if (rows.length < PAGE) return found;
  }
}

/** Adds to a job's story. Several may at once, in several processes: the job gives each a place of its own. */
export async function tell(
  objects: ObjectStore,
  id: string,
  event: Omit<TrainingEvent, 'place'>,
): Promise<void> {
  let position = 0;
  const isFull = () => position >= EVENTS_MOST && event.level === 'info';
  const row = await changeJob(objects, id, (found) => {
    position = found.told ?? 0;
    return isFull() ? found : { ...found, told: position + 1 };
  });
  if (row === undefined || isFull()) return;
  const bytes = new TextEncoder().encode(JSON.stringify({ ...event, place: position }));
  await objects.doPutPart('fine_tuning_job', id, { position, bytes });
}

export async function readStory(objects: ObjectStore, id: string): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const { bytes } of objects.doReadParts('fine_tuning_job', id))
    events.push(JSON.parse(new TextDecoder().decode(bytes)) as TrainingEvent);
  return events;
}

/** What a moment of the training says to a reader, and to a program. */
export function eventOf(
  at: number,
  message: string,
  data: JsonObject = {},
  level: TrainingEvent['level'] = 'info',
): Omit<TrainingEvent, 'place'> {
  return { at, level, message, data };
}

/** What keeps a job from going on and from telling it; no part of the story. */
export function troubleEvent(at: number, trouble: string): TrainingEvent {
  const words = `${trouble}; the job is kept, and goes on when this is over`;
  return { ...eventOf(at, words, { stage: 'waiting' }, 'warn'), place: -1 };
}

/** That a job waits for others; those of another key are told to operators alone. */
export function waitingEvent(
  at: number,
  last: ObjectRow,
  count: number,
  { key, principals }: Caller,
): Omit<TrainingEvent, 'place'> {
  const isOpen = last.key === key || principals.includes(OPERATOR);
  const { order } = last.body as TrainingJobBody;
  const behind = isOpen ? `job ${last.id} (${order.name})` : 'a job of another key';
  const words = `Waiting behind ${behind}; ${counted(count, 'job')} to go before this one`;
  return eventOf(at, words, { stage: 'waiting', before: count });
}
