import { type CommandInput, textFlag, UsageError } from './command.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** Bytes of a flag like `2.6GB`, `800 MB` or a plain number; other text is a usage error. */
export function byteFlag(input: CommandInput, name: string): number | undefined {
  const text = textFlag(input, name);
  if (text === undefined) return undefined;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]b)?$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  const bytes = number === undefined || factor === undefined ? 0 : Math.round(+number * factor);
  if (bytes <= 0) throw new UsageError(`--${name} needs a size like 2.6GB or 800MB, not “${text}”`);
  return bytes;
}
