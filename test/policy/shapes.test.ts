import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/policy/plain-text.ts';
import { findShape, type Shape } from '../../src/policy/shapes.ts';

function found(shape: Shape, text: string): string | undefined {
  const plain = plainText(text);
  const span = findShape(shape, plain);
  return span && plain.slice(span.start, span.end);
}

/** Made from parts, so that no scanner of repositories takes them for real. */
const KEYS = {
  aws: `AKIA${'IOSFODNN7EXAMPLE'}`,
  github: `ghp_${'a1B2'.repeat(9)}`,
  githubFine: `github_pat_${'11ABCDEFG0_abcdefghij'.repeat(2)}`,
  openai: `sk-${'proj-'}${'Abc123_x'.repeat(5)}`,
  openaiOld: `sk-${'Ab1'.repeat(12)}`,
  anthropic: `sk-${'ant-api03-'}${'Zz9-'.repeat(10)}`,
  slack: `xoxb-${'123456789012-abcdefABCDEF'}`,
  cadre: `cadre_${'a1b2c3d4'.repeat(5)}`,
  jwt: `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'zdWIiOiIxIn0'}.abc`,
  pem: `-----BEGIN ${'RSA PRIVATE'} KEY-----\nMIIE`,
};

const HITS: Readonly<Record<Shape, readonly string[]>> = {
  email: [
    'write to anna.bell+news@mail.example.org today',
    'ANNA@EXAMPLE.CO.UK',
    '<bob@example.de>, and more',
    'jürgen@müller.example',
    'a@xn--bcher-kva.xn--p1ai',
    'anna@example.org-and-more',
    'anna＠example．org',
    'an\u200bna@exa\u00admple.org',
    '{"to":"anna\\u0040example.org"}',
  ],
  phone: [
    'call +49 30 1234567 now',
    '+49 (0)30 123456',
    '+4915112345678',
    'tel:+1-202-555-0143',
    '0049 151 23456789',
    '030 123456',
    '(0161) 496 0000',
    '01 02 03 04 05',
    '07700900123',
    '(212) 555-0123',
    '212-555-0123',
    '1-800-555-0199',
    'my phone number is 60-56-85-91',
    'Call 467 3395 or write',
    'Telefon: 9472 7916',
    '+٤٩ ٣٠ ١٢٣٤٥٦٧',
    'my numbers: 12 30 0171 2345678',
  ],
  iban: [
    'DE89370400440532013000',
    'pay DE89 3704 0044 0532 0130 00 today',
    'gb29 nwbk 6016 1331 9268 19',
    'NO93 8601 1117 947',
    'FR14-2004-1010-0505-0001-3M02-606',
    'MT84MALT011000012345MTLCAST001S',
    'CH93 0076 2011 6238 5295 7.',
  ],
  card: [
    '4111 1111 1111 1111',
    '4111111111111111',
    'card 5555-5555-5555-4444, 12/27',
    '3782 822463 10005',
    '6011000990139424',
    '3530 1113 3330 0000',
    '213176828496175',
    '4111\u00a01111\u00a01111\u00a01111',
    'ref 2023 4111 1111 1111 1111',
  ],
  ip: [
    'from 192.168.0.1:8080',
    '10.0.0.255.',
    '2001:db8::8a2e:370:7334',
    '[fe80::1]:443',
    '::ffff:10.0.0.1',
    '::1',
    '1:2:3:4:5:6:7:8',
  ],
  'secret-key': [
    ...Object.values(KEYS),
    `export OPENAI_API_KEY="${KEYS.openai}"`,
    `{"key":"x\\n${KEYS.pem}"}`,
    `the-${KEYS.github}`,
    'password: Tr0ub4dor&3',
    'DB_PASSWORD = "xK9#mQ2vLp"',
    '{"client_secret": "d8f3k2m9x7q1w5z4"}',
    'api-key => 9f8e7d6c5b4a39281706',
    'postgres://farm:hunter22@db.example.org/farm',
    "'access_token': 'Zm9vYmFyMTIzNDU2Nzg5'",
  ],
};

const MISSES: Readonly<Record<Shape, readonly string[]>> = {
  email: [
    '@',
    'a@b',
    'user@localhost',
    '@example.org',
    'a @ b.org',
    'pkg@1.2.3',
    'git@github.com:a/b',
  ],
  phone: [
    'on 2024-01-15 at 10:30',
    'am 01.02.2024 10:30 Uhr',
    '01/02/2024 1030',
    'version 01.02.03.04',
    '0.0123456789',
    '3.14159265358979',
    '1,234,567,890',
    'order A0301234567',
    '5+12345678',
    '550e8400-e29b-41d4-a716-446655440000',
    '123456789',
    'ISBN 978-3-16-148410-0',
    '00000000000',
    '112-155-0123',
    'bought 467 3395 of them',
    'call me on 2024-01-15 10:00',
    'a phone for 450.50',
    'so-called cells 22405338',
  ],
  iban: [
    'DE89370400440532013001',
    'DE8937040044053201300',
    'DE893704004405320130000',
    'XX89370400440532013000',
    'xDE89370400440532013000',
    'DE89  3704 0044 0532 0130 00',
  ],
  card: [
    '4111 1111 1111 1112',
    '1111 1111 1111 1111',
    '1700000000000000000',
    '41111111111111111111',
    'x4111111111111111',
    '4111 1111-1111 1111',
    '41 11 11 11 11 11 11 11',
    '2.4111111111111111',
  ],
  ip: [
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    'std::vector',
    'a::b',
    '12:34:56',
    '00:1a:2b:3c:4d:5e',
    '::',
    '1::2::3',
    'b[::2]',
  ],
  'secret-key': [
    'the password: is wrong',
    'password: ********',
    'password=$DB_PASSWORD1',
    'token = getToken()',
    'max_tokens: 4096',
    'sk-learn and sk-lego',
    'api_key: your-api-key-here',
    'secret: 2024-01-15T00:00:00Z',
    '-----BEGIN PUBLIC KEY-----',
    'https://example.org:8080/path',
    'postgres://localhost:5432/farm@x',
    'eyJ.x.y',
    'AKIA is a prefix',
  ],
};

describe.each(Object.keys(HITS) as Shape[])('shape %s', (shape) => {
  it.each(HITS[shape])('is found in %j', (text) => {
    expect(found(shape, text)).toBeDefined();
    expect(found(shape, `before ${text} after`)).toBeDefined();
  });

  it.each(MISSES[shape])('is not found in %j', (text) => {
    expect(found(shape, text)).toBeUndefined();
  });
});

describe('what was found', () => {
  it.each([
    ['email', 'mail (anna@example.org).', 'anna@example.org'],
    ['email', 'mail?to:alice%40example.com&x=1', 'alice%40example.com'],
    ['email', 'to "alice"@example.com.', '"alice"@example.com'],
    ['email', 'to \\"alice b\\"@example.com.', '"alice b\\"@example.com'],
    ['card', 'ref 2023 4111 1111 1111 1111 12/27', '4111 1111 1111 1111'],
    ['iban', 'x DE89 3704 0044 0532 0130 00 y', 'DE89 3704 0044 0532 0130 00'],
    ['ip', 'at 10.0.0.1:80', '10.0.0.1'],
    ['phone', 'tel +49 30 123456', '49 30 123456'],
  ] as const)('is the %s alone', (shape, text, expected) => {
    expect(found(shape, text)).toBe(expected);
  });
});

describe('check digits', () => {
  it('make every changed digit of a card and of an account number a miss', () => {
    const change = (text: string, at: number, by: number) =>
      text.slice(0, at) + ((Number(text[at]) + by) % 10) + text.slice(at + 1);
    const step = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), step, (at, by) => {
        expect(found('card', change('4111111111111111', at, by))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 21 }), step, (at, by) => {
        expect(found('iban', change('DE89370400440532013000', at, by))).toBeUndefined();
      }),
    );
  });
});

/** Counts how often a scanner looks at a character. */
function readsOf(shape: Shape, text: string): number {
  let reads = 0;
  findShape(shape, {
    length: text.length,
    charCodeAt: (at) => {
      reads += 1;
      return text.charCodeAt(at);
    },
  });
  return reads;
}

const SHAPES = Object.keys(HITS) as Shape[];
/** Measured worst, in reads per character: 13.7 telephone numbers, 9.4 keys, 8.6 cards, 6 the others. */
const READS_MAX = 24;

describe('scanners are linear', () => {
  const parts = [
    ...'@.:-_+=()/ \\"09441aAfeybkdDE\u00e9',
    ...[
      'token',
      'sk-',
      'pwd=',
      '://',
      '-----BEGIN ',
      'eyJ',
      '4444 ',
      'DE89',
      'a@',
      '::',
      '1.1.1.1',
    ],
  ];
  it.each(SHAPES)('%s: on any text of repeated parts', (shape) => {
    const motif = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(motif, (chosen) => {
        const text = chosen.join('').repeat(Math.ceil(10_000 / chosen.join('').length));
        expect(readsOf(shape, text) / text.length).toBeLessThan(READS_MAX);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['email', '@9'],
    ['email', '%40a.bc'],
    ['email', '"a@'],
    ['phone', '04(-4444 4'],
    ['iban', '1-DE89'],
    ['card', '4444 '],
    ['ip', '-::'],
    ['secret-key', 'sk-'],
    ['secret-key', 'pwd='],
  ] as const)('%s: on a megabyte of %j', (shape, part) => {
    const text = part.repeat(Math.floor(1e6 / part.length));
    expect(readsOf(shape, text) / text.length).toBeLessThan(READS_MAX);
  });

  it('find what comes after a very long run of numbers', () => {
    const table = '12 '.repeat(20_000);
    expect(found('card', `${table}4111 1111 1111 1111 ${table}`)).toBe('4111 1111 1111 1111');
    expect(found('phone', `${table}030 1234567 ${table}`)).toBe('030 1234567');
    for (let shift = 0; shift < 40; shift += 1)
      expect(found('card', `${'7 '.repeat(4060 + shift)}4111 1111 1111 1111`)).toBeDefined();
  });

  it('read digits of every script alike', () => {
    const foreign = /(?![0-9])\p{Nd}/u;
    for (let point = 0x80; point <= 0x10ffff; point += 1) {
      const mark = String.fromCodePoint(point);
      if (foreign.test(mark)) expect(plainText(`é${mark}`), point.toString(16)).toMatch(/^é[0-9]$/);
    }
  });
});
