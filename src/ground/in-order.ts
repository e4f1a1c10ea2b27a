/**
 * Makes something of each value, up to `width` of them at a time, and gives them in the order of the
 * values. When the caller leaves, `leaving` is aborted, and what was made and is not done with is
 * handed to `discard`.
 */
export async function* inOrder<Value, Made>(
  values: readonly Value[],
  options: {
    readonly width: number;
    readonly make: (value: Value) => Promise<Made>;
    readonly discard: (made: Made) => Promise<void>;
    readonly leaving: AbortController;
  },
): AsyncGenerator<{ readonly value: Value; readonly made: Promise<Made> }> {
  const open: { readonly value: Value; readonly made: Promise<Made> }[] = [];
  let next = 0;
  try {
    while (next < values.length || open.length > 0) {
      for (; open.length < options.width && next < values.length; next += 1) {
        const value = values[next] as Value;
        const made = options.make(value);
        // Whoever takes it hears of its failure; one that is never taken may fail in silence.
        made.catch(() => undefined);
        open.push({ value, made });
      }
      const [first] = open;
      if (first !== undefined) yield first;
      open.shift();
    }
  } finally {
    options.leaving.abort();
    const left = await Promise.allSettled(open.map((one) => one.made));
    for (const one of left) if (one.status === 'fulfilled') await options.discard(one.value);
  }
}
