/** Longest text that a format is checked for, in characters. */
const LONGEST = 8192;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** RFC 3986 §2: reserved and unreserved characters, and those of an escape. */
const URI = /^[A-Za-z0-9\-._~:/?@!$&'()*+,;=%[\]]*$/;
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;

/** Every expression here reads a text once: none has a repetition within another. */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', isDate],
  ['time', isTime],
  ['date-time', isDateTime],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['uri', isUri],
  ['uuid', (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text)],
]);

/** Whether the text has a `format` of JSON Schema 2020-12 §7.3; undefined for a format not known here. */
export function hasFormat(text: string, format: string): boolean | undefined {
  const test = FORMATS.get(format);
  return test === undefined ? undefined : text.length <= LONGEST && test(text);
}

/** RFC 3339 `full-date`. */
function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  return day >= 1 && day <= days;
}

/** RFC 3339 `full-time`; second 60 only where it is 23:59 in UTC. */
function isTime(text: string): boolean {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i.exec(text);
  if (match === null) return false;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [awayHours, awayMinutes] = [Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || awayHours > 23 || awayMinutes > 59) return false;
  if (second < 60) return true;
  const away = (awayHours * 60 + awayMinutes) * (match[4] === '-' ? -1 : 1);
  return (hour * 60 + minute - away + 2880) % 1440 === 1439;
}

function isDateTime(text: string): boolean {
  return (
    (text[10] === 'T' || text[10] === 't') && isDate(text.slice(0, 10)) && isTime(text.slice(11))
  );
}

/** RFC 5321 `Mailbox`: atoms or a quoted text before the `@`, a host name or an address after it. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(0, at));
  const domain = text.slice(at + 1);
  if (local.length < 1 || local.length > 64) return false;
  const isQuoted = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/.test(local);
  if (!isQuoted && !local.split('.').every((atom) => ATOM.test(atom))) return false;
  if (!domain.startsWith('[') || !domain.endsWith(']')) return isHostname(domain);
  const address = domain.slice(1, -1);
  return /^ipv6:/i.test(address) ? isIpv6(address.slice(5)) : isIpv4(address);
}

/** RFC 1123 §2.1. */
function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  return text.split('.').every((label) => {
    const isPlain = label.length >= 1 && label.length <= 63 && /^[A-Za-z0-9-]+$/.test(label);
    return isPlain && !label.startsWith('-') && !label.endsWith('-');
  });
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((one) => /^(0|[1-9]\d{0,2})$/.test(one) && Number(one) <= 255)
  );
}

/** RFC 4291 §2.2. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && (text.endsWith('::') || !isIpv4(last))) return false;
  const words = hasIpv4 ? groups.slice(0, -1) : groups;
  if (!words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return false;
  const count = words.length + (hasIpv4 ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** RFC 3986 `URI`: a scheme, allowed characters, whole escapes; brackets only around an address. */
function isUri(text: string): boolean {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(text)?.[0];
  if (scheme === undefined) return false;
  const [body = '', fragment = '', ...more] = text.slice(scheme.length).split('#');
  if (more.length > 0 || ![body, fragment].every((one) => URI.test(one) && hasWholeEscapes(one)))
    return false;
  if (!body.startsWith('//')) return !/[[\]]/.test(body + fragment);
  const end = body.slice(2).search(/[/?]/);
  const authority = end === -1 ? body.slice(2) : body.slice(2, 2 + end);
  const rest = end === -1 ? '' : body.slice(2 + end);
  if (/[[\]]/.test(rest + fragment)) return false;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^[\]]*)\](?::\d*)?$/.exec(host);
  return bracketed === null ? /^[^:[\]]*(?::\d*)?$/.test(host) : isIpv6(bracketed[1] ?? '');
}

function hasWholeEscapes(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text);
}
