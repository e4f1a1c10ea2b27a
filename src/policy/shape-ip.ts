import { type CharacterSource, isDigit, isHex, isWord, type Span, sliceOf } from './characters.ts';

const DOT = 46;
const COLON = 58;
/** `0000:0000:0000:0000:0000:ffff:255.255.255.255`. */
const ADDRESS_MAX = 45;

/** The next IPv4 or IPv6 address from `from` on (RFC 4291 §2.2 for the text forms). */
export function findIp(text: CharacterSource, from: number): Span | undefined {
  let at = from;
  while (at < text.length) {
    if (!isPart(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const start = at;
    let dots = 0;
    let colons = 0;
    for (; isPart(text.charCodeAt(at)); at += 1) {
      if (text.charCodeAt(at) === DOT) dots += 1;
      else if (text.charCodeAt(at) === COLON) colons += 1;
    }
    if (dots < 3 && colons < 2) continue;
    if (isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(at))) continue;
    const found = addressIn(text, start, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPart(code: number): boolean {
  return isHex(code) || code === DOT || code === COLON;
}

/** Marks of the sentence around the address, and the port after an IPv4 address, are not its part. */
function addressIn(text: CharacterSource, from: number, to: number): Span | undefined {
  let start = from;
  let end = to;
  while (start < end && text.charCodeAt(start) === DOT) start += 1;
  while (end > start && text.charCodeAt(end - 1) === DOT) end -= 1;
  if (end - start > ADDRESS_MAX) return undefined;
  const run = sliceOf(text, start, end);
  const colon = run.indexOf(':');
  if (colon === -1 || colon === run.lastIndexOf(':')) {
    const host = colon === -1 ? run : run.slice(0, colon);
    return isIpv4(host) ? { start, end: start + host.length } : undefined;
  }
  const address = run.endsWith(':') && !run.endsWith('::') ? run.slice(0, -1) : run;
  return isIpv6(address) ? { start, end: start + address.length } : undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 &&
    parts.every((part) => part !== '' && String(Number(part)) === part && Number(part) <= 255)
  );
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const tail = last.includes('.');
  if (tail && !isIpv4(last)) return false;
  const plain = tail ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => group.length >= 1 && group.length <= 4 && !group.includes('.')))
    return false;
  const count = plain.length + (tail ? 2 : 0);
  // `a::b` is a name and `[::2]` a slice in several programming languages.
  const digits = [...text].some((mark) => isDigit(mark.charCodeAt(0)));
  if (!digits || (count === 1 && text !== '::1')) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}
