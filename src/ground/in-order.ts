/**
 * Makes something of each value, up to `width` of them at a time, and gives them in the order of the
 * values. What was made but not taken when the caller leaves is handed to `discard`.
 */
export async function* inOrder<Value, Made>(
  values: readonly Value[],
  width: number,
  make: (value: Value) => Promise<Made>,
  discard: (made: Made) => Promise<void>,
): AsyncGenerator<{ readonly value: Value; readonly made: Promise<Made> }> {
  const open: { readonly value: Value; readonly made: Promise<Made> }[] = [];
  let next = 0;
  try {
    while (next < values.length || open.length > 0) {
      for (; open.length < width && next < values.length; next += 1) {
        const value = values[next] as Value;
        const made = make(value);
        // Whoever takes it hears of its failure; one that is never taken may fail in silence.
        made.catch(() => undefined);
        open.push({ value, made });
      }
      const first = open.shift();
      if (first !== undefined) yield first;
    }
  } finally {
    const left = await Promise.allSettled(open.map((one) => one.made));
    for (const one of left) if (one.status === 'fulfilled') await discard(one.value);
  }
}
