// A hospital's handbook with readers by folder, contradicting rules and an injected instruction.
// Without keys the farm knows one reader, who may read everything. With CADRE_KEY (of an operator)
// and CADRE_READERS=ward:KEY,hr:KEY each of the readers asks.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHospital } from './hospital-files.ts';

const url = process.env['CADRE_URL'] ?? 'http://127.0.0.1:4117';
const operator = process.env['CADRE_KEY'] ?? 'local';
const readers = new Map(
  (process.env['CADRE_READERS'] ?? `everyone:${operator}`)
    .split(',')
    .map((one) => one.split(':') as [string, string]),
);
const folder = process.env['CADRE_HOSPITAL'] ?? mkdtempSync(join(tmpdir(), 'hospital-'));

interface Sentence {
  readonly path: string;
  readonly page?: number;
  readonly line?: number;
  readonly text: string;
  readonly modifiedAt: number;
}

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string | null } }[];
  readonly cadre: {
    readonly citations?: readonly { readonly sentence: Sentence }[];
    readonly contradictions?: readonly { readonly sentences: readonly Sentence[] }[];
    readonly abstained?: { readonly reason: string };
  };
}

async function call(method: string, path: string, key: string, body?: object): Promise<string> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return text;
}

function placeOf({ path, page, line, modifiedAt }: Sentence): string {
  const place = page === undefined ? (line ?? '') : `page ${page}`;
  return `${path}:${place} of ${new Date(modifiedAt).toISOString().slice(0, 10)}`;
}

writeHospital(folder);
const collection = '/cadre/v1/collections/hospital';
await call('POST', `${collection}/index`, operator, {
  folder,
  principals: ['public', 'ward', 'hr'],
  replace: true,
});
await call('PATCH', collection, operator, {
  rules: [
    { path: 'wards/', principals: ['ward', 'hr'] },
    { path: 'hr/', principals: ['hr'] },
  ],
});

const listed = await call('GET', `${collection}/documents`, operator);
const { documents } = JSON.parse(listed) as {
  documents: { path: string; flags: string[]; principals: string[] }[];
};
for (const { path, flags, principals } of documents)
  console.log(`${path} readers: ${principals.join(', ')} ${flags.join(' ')}`.trimEnd());

const questions = [
  'Until when may visitors stay on the wards?',
  'How high is the annual bonus of a nurse in charge?',
  'When is the generator tested?',
  'Within how many seconds does the new call system answer?',
];
for (const [reader, key] of readers)
  for (const question of questions) {
    const messages = [{ role: 'user', content: question }];
    const text = await call('POST', '/v1/chat/completions', key, {
      model: 'knowledge:hospital',
      messages,
    });
    const { choices, cadre } = JSON.parse(text) as Answer;
    const said = choices[0]?.message.content || `declined: ${cadre.abstained?.reason}`;
    console.log(`\n${reader}: ${question}\n  ${said}`);
    for (const { sentence } of cadre.citations ?? [])
      console.log(`  source: ${placeOf(sentence)} “${sentence.text.trim()}”`);
    for (const { sentences } of cadre.contradictions ?? [])
      console.log(`  contradicting: ${sentences.map(placeOf).join(' against ')}`);
  }
