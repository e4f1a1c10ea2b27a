import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayHold } from '../../src/policy/screens.ts';
import { findShape, type Shape } from '../../src/policy/shapes.ts';

const SHAPES: readonly Shape[] = ['email', 'phone', 'iban', 'card', 'ip', 'secret-key'];
/** What is looked for and pieces of it, made from parts so that no scanner of repositories takes it for real. */
const PARTS = [
  ...[
    'anna',
    '@',
    'example.org',
    ' bob@example.de',
    'eve%40',
    '"al"@',
    '+49',
    ' 30 ',
    '1234567',
    'phone: ',
    'DE89',
    '47',
    '4.',
  ],
  ...[
    '3704 0044 0532 0130 00',
    ' DE89 3704 0044 0532 0130 00',
    ' gb29nwbk60161331926819',
    ' 4111 1111 1111 1111',
    '5555555555554444',
    '4111 1111',
    ' 1111 1111',
    '3704-0044',
    '0532 0130-00',
    'no93',
  ],
  ...['8601 1117 947', '(212) ', '555-0123', '60-56-85-91', '10.0.0.1', '::1', 'fe80:', '1:2:'],
  ...['password', 'api_key', 'Token', 'PASSWD', 'credential', '=', ': ', '=>', '"', "' = '", '\\'],
  ...['"hunter2!A"', 'eyJ', '.', '.eyJ', '-----BEGIN ', 'RSA PRIVATE', ' KEY', '\u00a0', '\t'],
  ...['sk-', '_sk_live_', 'ghp_', 'AKIA', 'IOSFODNN7EXAMPLE', 'xoxb-', 'Ab1'.repeat(12)],
  ...['a1B2c3D4', 'postgres://u:', 'https://', 'pw@h', ' ', '\n', 'é', '数', '9'.repeat(16)],
];
const NUMBERS = fc.stringMatching(/^[+(]?[0-9]{1,6}([ ./()-]{1,2}[0-9]{1,5}){1,6}$/);
const VALUES = fc.stringMatching(/^[A-Za-z0-9_!-]{8,60}$/);

const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...PARTS) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
      { weight: 1, arbitrary: fc.lorem({ maxCount: 6 }) },
      { weight: 1, arbitrary: NUMBERS },
      { weight: 1, arbitrary: VALUES },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

describe('what a text has to hold for a shape', () => {
  it('is there wherever the shape’s scanner finds something', () => {
    const finds = new Map<Shape, number>();
    fc.assert(
      fc.property(text, (one) => {
        for (const shape of SHAPES) {
          if (findShape(shape, one) === undefined) continue;
          finds.set(shape, (finds.get(shape) ?? 0) + 1);
          expect(mayHold(shape, one), `${shape} in ${one}`).toBe(true);
        }
      }),
      { numRuns: 6000 },
    );
    for (const shape of SHAPES) expect(finds.get(shape) ?? 0, shape).toBeGreaterThan(20);
  });

  it('is found at any place of a long text, for every kind of key', () => {
    const held: readonly (readonly [Shape, string])[] = [
      ['email', 'a@b.io'],
      ['email', 'a%40b.io'],
      ['email', '"a b"@b.io'],
      ['phone', '030 123456'],
      ['phone', 'Call 467 3395'],
      ['iban', 'NO93 8601 1117 947'],
      ['card', '4111-1111-1111-1111'],
      ['ip', '8.8.8.8'],
      ['ip', 'fe80::1'],
      ['secret-key', `AKIA${'IOSFODNN7EXAMPLE'}`],
      ['secret-key', `x-sk_live_${'Ab1'.repeat(8)}`],
      ['secret-key', `eyJ${'hbGci'}.eyJ${'zdWIi'}.abc`],
      ['secret-key', `-----BEGIN ${'PRIVATE'} KEY-----`],
      ['secret-key', `https://user:${'hunter2'}@host`],
      ['secret-key', `\\"Pass${'word'}\\" : \\"hunter2!A\\"`],
    ];
    const words = 'notice periods of the contract '.repeat(30);
    for (const [shape, value] of held)
      for (let cut = 0; cut < 45; cut += 1) {
        const one = `${words.slice(cut)} ${value} ${words.slice(0, 90)}`;
        expect(findShape(shape, one), `${shape} after ${cut}`).toBeDefined();
        expect(mayHold(shape, one), `${shape} after ${cut}`).toBe(true);
      }
  });

  it('is nowhere in prose with dates, amounts, times and long names', () => {
    const prose = [
      'What does the contract say about notice periods?',
      'Section 4.2: on 1 March 2024 at 10:30 the tenant pays EUR 1,250.00 (see page 17) => done',
      'Run `git rebase --onto feature/very-long-branch-name-of-a-ticket main` in version 24.21.0',
      'id = 123e4567-e89b-42d3-a456-4266141740ab of https://example.org/some/path?page=2',
    ];
    for (const one of prose)
      expect(
        SHAPES.filter((shape) => shape !== 'iban' && shape !== 'phone' && mayHold(shape, one)),
        one,
      ).toEqual([]);
  });
});
