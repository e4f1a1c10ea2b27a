/** Arguments as an object, which dialects ask for; what a model wrote may be anything. */
export function writtenArguments(text: string): object {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Kept as text below, so that the model sees what it wrote.
  }
  return { arguments: text };
}
