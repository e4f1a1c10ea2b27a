import { decodeQuoted, readHeaders, readParameters } from './mail-headers.ts';

/** One leaf of a message, its transfer coding undone. */
export interface MailPart {
  /** `text/plain` … */
  readonly type: string;
  readonly charset: string;
  /** Given where it is an attachment with a name. */
  readonly name?: string;
  readonly bytes: Uint8Array;
}

/** Deeper parts are left out; real mail has two or three levels. */
const DEEPEST = 8;
const MOST_PARTS = 200;
/** Tab, line feed, carriage return, space, dash. */
const BOUNDARY_END = new Set([9, 10, 13, 32, 45]);

/** The leaves of a message (RFC 2045, 2046) in order; of alternatives the one that is read best. */
export function mailParts(message: Uint8Array, depth = 0): MailPart[] {
  const fields = readHeaders(message);
  const body = bodyOf(message);
  const { value: type, parameters } = readParameters(fields.get('content-type') ?? 'text/plain');
  const boundary = parameters.get('boundary');
  if (type.startsWith('multipart/') && boundary !== undefined && boundary !== '') {
    if (depth >= DEEPEST) return [];
    const parts = split(body, boundary).map((part) => mailParts(part, depth + 1));
    return (type === 'multipart/alternative' ? [best(parts)] : parts).flat().slice(0, MOST_PARTS);
  }
  const bytes = decode(body, fields.get('content-transfer-encoding') ?? '');
  if (type === 'message/rfc822' && depth < DEEPEST) return mailParts(bytes, depth + 1);
  const disposition = readParameters(fields.get('content-disposition') ?? '');
  const name = disposition.parameters.get('filename') ?? parameters.get('name');
  const isAttached = disposition.value === 'attachment' || !type.startsWith('text/');
  return [
    {
      type,
      charset: parameters.get('charset') ?? 'utf-8',
      bytes,
      ...(isAttached ? { name: name ?? 'attachment' } : {}),
    },
  ];
}

/** Plain text is what its writer wrote; HTML often repeats it among decoration. */
function best(alternatives: readonly MailPart[][]): MailPart[] {
  const plain = alternatives.find((parts) =>
    parts.some((part) => part.type === 'text/plain' && part.bytes.some((byte) => byte > 32)),
  );
  return plain ?? alternatives.at(-1) ?? [];
}

function bodyOf(message: Uint8Array): Uint8Array {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const unix = bytes.indexOf('\n\n');
  const dos = bytes.indexOf('\r\n\r\n');
  if (unix < 0 && dos < 0) return bytes.subarray(bytes.length);
  return dos >= 0 && (unix < 0 || dos < unix) ? bytes.subarray(dos + 4) : bytes.subarray(unix + 2);
}

function split(body: Uint8Array, boundary: string): Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Uint8Array[] = [];
  let start = -1;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) {
    // The boundary of an inner part may begin with that of the outer one.
    const isWhole = BOUNDARY_END.has(bytes[at + mark.length] ?? 10);
    if (!isWhole || (at > 0 && bytes[at - 1] !== 10)) continue;
    if (start >= 0) parts.push(bytes.subarray(start, at));
    const after = at + mark.length;
    if (parts.length >= MOST_PARTS || bytes.subarray(after, after + 2).toString() === '--')
      return parts;
    start = bytes.indexOf(10, after) + 1;
    if (start === 0) return parts;
  }
  if (start >= 0) parts.push(bytes.subarray(start));
  return parts;
}

function decode(body: Uint8Array, coding: string): Uint8Array {
  switch (coding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(Buffer.from(body).toString('latin1'), 'base64');
    case 'quoted-printable':
      return decodeQuoted(body);
    default:
      return body;
  }
}
