/** Named lists of phrases; a phrase may name other lists as `‹list›`. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

const SLOT = /‹([^‹›]+)›/g;
/** Deeper nesting is a grammar that names itself. */
const MAX_NESTING = 12;

/**
 * Fills a phrase: `‹list›` takes one phrase of a list, `‹^list›` with a capital, `‹a|b|›` one of
 * the alternatives (the last one here is empty), `‹#2-40›` a whole number of the range (ends
 * included). Throws RangeError for a list that does not exist or names itself for ever.
 */
export function expand(
  phrase: string,
  grammar: Grammar,
  random: () => number,
  nesting = 0,
): string {
  let text = phrase;
  // Inner slots are filled first, so that `‹a|‹list››` works; each pass removes one layer.
  for (let pass = 0; text.includes('‹'); pass += 1) {
    if (nesting + pass > MAX_NESTING) throw new RangeError(`"${phrase}" is nested too deeply`);
    text = text.replace(SLOT, (_, slot: string) => {
      const filled = expand(fillSlot(slot, grammar, random), grammar, random, nesting + 1);
      return slot.startsWith('^') ? filled.charAt(0).toUpperCase() + filled.slice(1) : filled;
    });
  }
  return text;
}

function fillSlot(slot: string, grammar: Grammar, random: () => number): string {
  if (slot.includes('|')) return pick(slot.split('|'), random);
  const range = /^#(\d+)-(\d+)$/.exec(slot);
  if (range !== null) {
    const from = Number(range[1]);
    return String(from + Math.floor(random() * (Number(range[2]) - from + 1)));
  }
  const list = grammar[slot.startsWith('^') ? slot.slice(1) : slot];
  if (list === undefined) throw new RangeError(`the grammar has no list "${slot}"`);
  return pick(list, random);
}

/** One entry of a list that is not empty; '' of an empty one. */
export function pick(list: readonly string[], random: () => number): string {
  return list[Math.floor(random() * list.length)] ?? '';
}
