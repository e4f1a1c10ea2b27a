/** One Ctrl-C may arrive twice, from the terminal and from whatever started this process. */
const SAME_PRESS_MS = 1000;
const INTERRUPTED = 130;

/** Where SIGINT and SIGTERM are heard: the process. */
export interface InterruptSource {
  on(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * The signal of one command: the first SIGINT or SIGTERM aborts it, so that it ends in order; one
 * that comes at least a second later is an impatient user's and ends the process at once.
 */
export function followInterrupts(
  source: InterruptSource,
  options: {
    /** Milliseconds of a clock that only goes forward. */
    readonly now: () => number;
    readonly end: (code: number) => void;
  },
): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const interrupt = () => {
    if (firstAt === undefined) {
      firstAt = options.now();
      controller.abort(Object.assign(new Error('interrupted'), { name: 'AbortError' }));
    } else if (options.now() - firstAt >= SAME_PRESS_MS) options.end(INTERRUPTED);
  };
  source.on('SIGINT', interrupt);
  source.on('SIGTERM', interrupt);
  return controller.signal;
}
