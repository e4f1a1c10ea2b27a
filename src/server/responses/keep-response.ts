import { CadreError, toCadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { ResponseRun } from './response-run.ts';

/**
 * Shows every event to the run before it goes on, and keeps the response before its last event: an
 * answer that was seen to end can be asked for. One that cannot be kept has failed.
 */
export async function* keepResponse(
  events: AsyncIterable<CadreEvent>,
  run: ResponseRun,
  keep: () => Promise<void>,
): AsyncGenerator<CadreEvent> {
  for await (const event of events) {
    if (event.type !== 'answer-ended') {
      run.see(event);
      yield event;
      continue;
    }
    run.see(event);
    try {
      await keep();
    } catch (thrown) {
      const { code, message } = asStoreError(thrown);
      const failed = { type: 'request-failed', code, message, receipt: event.receipt } as const;
      run.see(failed);
      yield failed;
      return;
    }
    run.sayEnd();
    yield event;
  }
}

function asStoreError(thrown: unknown): CadreError {
  const error = toCadreError(thrown);
  return error.code === 'internal'
    ? new CadreError('store_failed', 'the response could not be stored', { cause: error })
    : error;
}
