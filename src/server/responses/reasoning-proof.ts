import type { ContentPart } from '../../core/chat.ts';

type Thinking = Extract<ContentPart, { type: 'thinking' }>;
type Proof = Pick<Thinking, 'signature' | 'redacted'>;

/**
 * What a vendor wants back with its thought, in the field that the dialect has for it. The contents
 * are the vendor's own and sealed by it; here they are only wrapped.
 */
export function printProof({ signature, redacted }: Proof): string | undefined {
  if (signature === undefined && redacted === undefined) return undefined;
  return Buffer.from(JSON.stringify({ signature, redacted })).toString('base64url');
}

/** Nothing for a text that was not wrapped here: another server's proof is of no use to any spoke. */
export function parseProof(text: string): Proof {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof value !== 'object' || value === null) return {};
    const { signature, redacted } = value as Record<string, unknown>;
    return {
      ...(typeof signature === 'string' ? { signature } : {}),
      ...(typeof redacted === 'string' ? { redacted } : {}),
    };
  } catch {
    return {};
  }
}
