/** Longest reason that is worth a line. */
const LONGEST = 240;
/** Colours and cursor movements of terminals. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
/** Lines by which clients end but that say nothing about the cause. */
const CHATTER =
  /\[Help \d\]|full stack trace|full debug logging|more information about the errors|complete log of this run|notice|^\[?(npm )?(error|warn)\]?:?\s*$|error code \w+$/i;

/**
 * The line of a package client's output that says what went wrong: the last one that speaks of an
 * error, else the last of all. Maven puts the cause first and help after it, so for its
 * `[ERROR]` lines the first counts. Addresses are cut to their host: the rest may hold credentials.
 */
export function lastReason(output: string): string {
  const lines = output
    .replace(ESCAPES, '')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !CHATTER.test(line));
  const maven = lines.find((line) => line.startsWith('[ERROR]'));
  const errors = lines.filter((line) => /error|could not|cannot|failed/i.test(line));
  const line = maven ?? errors.at(-1) ?? lines.at(-1) ?? 'it gave no reason';
  return withoutAddresses(line)
    .replace(/^(\[ERROR\]|ERROR:|npm (error|ERR!))\s*/i, '')
    .slice(0, LONGEST);
}

function withoutAddresses(line: string): string {
  return line.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'")]+/gi, (address) => {
    const host = URL.parse(address)?.hostname;
    return host ? `(${host})` : '(an address)';
  });
}
