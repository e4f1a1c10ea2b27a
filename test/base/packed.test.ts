import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPacked, type Section, writePacked } from '../../src/base/packed.ts';

const sections = new Map<string, Section>([
  ['bytes', Int8Array.of(1, -2, 3)],
  ['whole', Int32Array.of(70_000, -5)],
  ['single', Float32Array.of(0.5, -0.25, 8)],
  ['double', Float64Array.of(Math.PI)],
]);
const packed = writePacked({ kind: 'test', version: 2, header: { name: 'x' }, sections });

function expectWhole(bytes: Uint8Array): void {
  const file = readPacked(bytes, 'test', 2);
  expect(file.header).toEqual({ name: 'x' });
  for (const [name, section] of sections) expect(file.sections.get(name), name).toEqual(section);
}

describe('a packed file', () => {
  it('gives back its sections from bytes, from a file and from the middle of a buffer', () => {
    expectWhole(packed);
    const folder = mkdtempSync(join(tmpdir(), 'cadre-packed-'));
    try {
      writeFileSync(join(folder, 'file'), packed);
      // A Buffer, whose `slice` does not copy as that of other byte arrays does.
      expectWhole(readFileSync(join(folder, 'file')));
    } finally {
      rmSync(folder, { recursive: true });
    }
    expectWhole(Buffer.concat([Buffer.from([7, 7, 7]), packed]).subarray(3));
  });

  it('is independent of the bytes that it was read from', () => {
    const bytes = Buffer.from(packed);
    const file = readPacked(bytes, 'test', 2);
    bytes.fill(0);
    expect(file.sections.get('single')).toEqual(Float32Array.of(0.5, -0.25, 8));
  });

  it('tells damage and another kind', () => {
    const cut = packed.subarray(0, packed.length - 1);
    expect(() => readPacked(cut, 'test', 2)).toThrow(/checksum/);
    expect(() => readPacked(packed, 'other', 2)).toThrow(/holds test version 2/);
  });
});
