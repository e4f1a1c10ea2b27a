import type { ServerResponse } from 'node:http';
import { STALL_MS } from './respond.ts';

/** Until the reader has taken what was written or is gone; one that takes nothing is dropped. */
export function untilRead(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), STALL_MS);
    const done = () => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
