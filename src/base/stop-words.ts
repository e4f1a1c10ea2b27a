/**
 * English words that carry no topic. Short on purpose: `not`, `no`, `can`, `will` decide answers
 * to questions about rules and stay in the index.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an and are as at be been being but by did do does doing for from had has have having he her hers
  him his how i i'm if in into is it it's its itself me my of on or our ours she so such than that
  that's the their theirs them then there these they this those through to too us very was we were
  what what's when where which while who whom whose why with would you your yours
  am about`.split(/\s+/),
);
