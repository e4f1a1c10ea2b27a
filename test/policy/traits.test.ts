import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findShape, type Shape } from '../../src/policy/shapes.ts';
import { mayHold, traitsOf } from '../../src/policy/traits.ts';

const SHAPES: readonly Shape[] = ['email', 'phone', 'iban', 'card', 'ip', 'secret-key'];
const PARTS = [
  ...[
    'anna',
    '@',
    'example.org',
    '+49',
    ' 30 ',
    '1234567',
    'phone: ',
    'DE89',
    '3704 0044 0532 0130 00',
  ],
  ...[
    '4111 1111',
    ' 1111 1111',
    '10.0.0.1',
    '::1',
    'fe80:',
    'password',
    '=',
    ': ',
    '"hunter2!A"',
    'eyJ',
  ],
  ...[
    '.',
    '-----BEGIN ',
    'RSA PRIVATE',
    ' KEY',
    'sk-',
    'Ab1'.repeat(12),
    'postgres://u:',
    'pw@h',
    ' ',
    '\n',
  ],
];

describe('what one look over a text says', () => {
  it('never denies a shape that its scanner finds', () => {
    const part = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PARTS) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    );
    let finds = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const traits = traitsOf(text);
        for (const shape of SHAPES) {
          if (findShape(shape, text) === undefined) continue;
          finds += 1;
          expect(mayHold(shape, traits), `${shape} in ${text}`).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
    expect(finds).toBeGreaterThan(200);
  });

  it('spares prose every scanner', () => {
    const traits = traitsOf('What does the contract say about notice periods?');
    expect(SHAPES.filter((shape) => mayHold(shape, traits))).toEqual([]);
  });
});
