/**
 * A response, an event or a list of items without the vendors' proofs of their thought, which only
 * those see who ask for them.
 */
export function hideProofs<T extends object>(shown: T): T {
  const fields = shown as Readonly<Record<string, unknown>>;
  if (Array.isArray(shown)) return shown.map(hideProof) as unknown as T;
  if (Array.isArray(fields['output'])) return { ...shown, output: fields['output'].map(hideProof) };
  if (fields['item'] !== undefined) return { ...shown, item: hideProof(fields['item']) };
  const { response } = fields;
  return typeof response === 'object' && response !== null
    ? { ...shown, response: hideProofs(response) }
    : shown;
}

function hideProof(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('encrypted_content' in item)) return item;
  const { encrypted_content: _hidden, ...shown } = item;
  return shown;
}
