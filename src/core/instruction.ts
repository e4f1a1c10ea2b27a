/**
 * What the rows of a job have in common: all that the system says, or how the user's text begins. A
 * request that says the same asks for that job. The words themselves stay in the rows.
 */
export type Instruction = {
  readonly place: 'system' | 'user';
  /** UTF-16 units. */
  readonly length: number;
  /** 53 bits of its words. */
  readonly hash: number;
};

/** What was measured of an adapter on rows with one instruction. */
export type InstructionReport = Instruction & {
  /** Rows that it had not seen. */
  readonly rows: number;
  /** Share of them that is right. */
  readonly accuracy: number;
};

/** What a conversation says, without the space around it. */
export interface SaidWords {
  /** All that the system says. */
  readonly system: string;
  /** The user's last text. */
  readonly user: string;
}

/** What a conversation has in the place of an instruction, as long as that is; undefined where it is of another length. */
export function wordsAt(
  { place, length }: Pick<Instruction, 'place' | 'length'>,
  { system, user }: SaidWords,
): string | undefined {
  if (place === 'system') return system.length === length ? system : undefined;
  return system === '' && user.length > length ? user.slice(0, length) : undefined;
}

/** `system`: its messages in order; `user`: the last message. */
export function saidWords(system: readonly string[], user: string): SaidWords {
  return { system: system.join('\n').trim(), user: user.trim() };
}
