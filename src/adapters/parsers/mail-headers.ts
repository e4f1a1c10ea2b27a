/** Bytes of a message that are looked at for its headers. */
export const HEADER_BYTES = 65_536;

/**
 * The header fields of a message (RFC 5322), by lower-case name, folded lines joined and encoded words
 * decoded. Of a repeated field the first counts.
 */
export function readHeaders(message: Uint8Array): ReadonlyMap<string, string> {
  const text = Buffer.from(message.subarray(0, HEADER_BYTES)).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const fields = new Map<string, string>();
  const lines = text
    .slice(0, end)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon <= 0 || fields.has(name)) continue;
    fields.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return fields;
}

/** RFC 2047; bytes outside ASCII that nobody encoded are taken for UTF-8. */
function decodeWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  const raw = Buffer.from(joined, 'latin1').toString('utf8');
  return raw.replace(
    /=\?([\w.-]{1,40})(?:\*[\w-]*)?\?([bq])\?([^?\s]{0,2000})\?=/gi,
    (word, charset: string, coding: string, content: string) => {
      const bytes =
        coding.toLowerCase() === 'b'
          ? Buffer.from(content, 'base64')
          : decodeQuoted(Buffer.from(content.replaceAll('_', ' '), 'latin1'));
      return decodeCharset(bytes, charset) ?? word;
    },
  );
}

/** Undefined for a charset that nobody knows. */
export function decodeCharset(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Quoted-printable (RFC 2045): `=C3` is a byte, `=` at the end of a line joins it to the next. */
export function decodeQuoted(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/[ \t]+(?=\r?\n)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return Buffer.from(text, 'latin1');
}

/** `text/html; charset="utf-8"` → its value in lower case and its parameters. */
export function readParameters(field: string): {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  const [value = '', ...rest] = field.split(';');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim().toLowerCase().replace(/\*0?$/, '');
    parameters.set(
      name,
      part
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
  }
  return { value: value.trim().toLowerCase(), parameters };
}
