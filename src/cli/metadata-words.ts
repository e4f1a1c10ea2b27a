import { UsageError } from './command.ts';

/** `KEY=VALUE` as the flags say it: numbers, true and false are taken as such, all else as text. */
export function metadataWords(
  flag: string,
  said: readonly string[],
): readonly (readonly [string, string | number | boolean])[] {
  return said.map((one) => {
    const equals = one.indexOf('=');
    if (equals < 1) throw new UsageError(`--${flag} “${one}” is not KEY=VALUE`);
    return [one.slice(0, equals), readValue(one.slice(equals + 1))];
  });
}

function readValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
