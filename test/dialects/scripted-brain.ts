/** What a scripted model says to a conversation, whatever wire format it came in. */
export type Reply =
  | { readonly kind: 'text'; readonly pieces: readonly string[]; readonly isCut?: true }
  | {
      readonly kind: 'calls';
      readonly calls: readonly { readonly name: string; readonly pieces: readonly string[] }[];
    };

export interface Heard {
  /** Text of the last message; '' where it is not text. */
  readonly last: string;
  /** What tools answered. */
  readonly results: readonly string[];
  readonly hasTools: boolean;
  readonly hasSchema: boolean;
}

/** A reply in a wire format: events, and whether the connection breaks after them. */
export interface Voiced {
  readonly pieces: readonly string[];
  readonly isCut: boolean;
}

export const THOUGHT = 'They greet me.';
export const GREETING = ['Hel', 'lo ', 'there.'];
export const JSON_PIECES = ['{"ci', 'ty":"Os', 'lo"}'];
export const CALLS = [
  { name: 'weather', pieces: ['{"ci', 'ty":"Oslo"}'] },
  { name: 'weather', pieces: ['{"city"', ':"Ro', 'me"}'] },
];

/** The first lacks what its tool demands. */
export const BROKEN_CALLS = [{ name: 'weather', pieces: ['{"to', 'wn":5}'] }, ...CALLS.slice(1)];

/** Two calls when tools are offered, their results joined when they come back, else a greeting. */
export function think({ last, results, hasTools, hasSchema }: Heard): Reply {
  if (results.length > 0) return { kind: 'text', pieces: ['So: ', results.join(' and ')] };
  if (hasTools) return { kind: 'calls', calls: last.includes('broken') ? BROKEN_CALLS : CALLS };
  if (hasSchema) return { kind: 'text', pieces: JSON_PIECES };
  if (last.includes('cut')) return { kind: 'text', pieces: GREETING.slice(0, 2), isCut: true };
  return { kind: 'text', pieces: GREETING };
}

/** Text of a message's content in either wire format. */
export function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string }) => part.text ?? '').join('');
}
