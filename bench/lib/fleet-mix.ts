import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import launch from '../../bin/launch.json' with { type: 'json' };
import { seededRandom } from '../../src/base/random.ts';
import { RunningProcess } from '../../test/e2e/farm-process.ts';
import { HEAD_LABELS } from './fleet-heads.ts';
import { median } from './fleet-switch.ts';

const root = resolve(import.meta.dirname, '..', '..');
const QUESTIONS = [
  'Where is my card?',
  'Why was I charged twice?',
  'How do I change my PIN?',
  'The payment did not go through.',
  'Can I get a refund?',
  'My phone was stolen.',
  'What is the exchange rate?',
  'Please close my account.',
];

export interface Order {
  readonly model: string;
  readonly kind: 'head' | 'adapter';
  readonly text: string;
  readonly maxTokens: number;
}

interface Outcome {
  readonly kind: Order['kind'];
  readonly ms: number;
  /** Absent = it was answered. */
  readonly failure?: string;
}

/** The product as `cadre up` runs it. */
export function startFarm(home: string): Promise<RunningProcess> {
  const entry = resolve(root, 'src', 'cli', 'cadre.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    [...launch.flags, entry, 'up', '--json', '--port', '0'],
    {
      cwd: home,
      env: {
        ...process.env,
        ...launch.environment,
        CADRE_HOME: home,
        CADRE_CONFIG: `${home}/cadre.yaml`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return RunningProcess.from(child);
}

/** Requests in a random order: heads alike often, the adapter of rank k as often as 1 ÷ k. */
export function mixOf(
  models: { readonly heads: readonly string[]; readonly adapters: readonly string[] },
  counts: { readonly heads: number; readonly adapters: number },
  seed: number,
): Order[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let sum = 0;
  const sums = models.adapters.map((_, place) => {
    sum += 1 / (place + 1);
    return sum;
  });
  const adapter = () => {
    const drawn = random() * sum;
    return models.adapters.at(sums.findIndex((upTo) => drawn < upTo)) ?? '';
  };
  const order = (kind: Order['kind']): Order & { readonly at: number } => ({
    kind,
    model: kind === 'head' ? pick(models.heads) : adapter(),
    text: pick(QUESTIONS),
    maxTokens: 1 + Math.floor(random() * 4),
    at: random(),
  });
  return [
    ...Array.from({ length: counts.heads }, () => order('head')),
    ...Array.from({ length: counts.adapters }, () => order('adapter')),
  ].toSorted((a, b) => a.at - b.at);
}

/** Sends them, so many at a time; a request that fails is counted and not sent again. */
export async function send(
  url: string,
  orders: readonly Order[],
  atOnce: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async () => {
    for (let order = orders[next++]; order !== undefined; order = orders[next++]) {
      outcomes.push(await ask(url, order));
      if (outcomes.length % 1000 === 0) process.stderr.write(`${outcomes.length} requests\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

async function ask(url: string, { kind, model, text, maxTokens }: Order): Promise<Outcome> {
  const startedAt = performance.now();
  const end = (failure?: string): Outcome => ({
    kind,
    ms: performance.now() - startedAt,
    ...(failure === undefined ? {} : { failure: `${model}: ${failure}` }),
  });
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        max_tokens: kind === 'head' ? 16 : maxTokens,
        messages: [{ role: 'user', content: text }],
      }),
    });
    const body = (await response.json()) as {
      readonly choices?: readonly { readonly message: { readonly content: string | null } }[];
      readonly usage?: { readonly completion_tokens: number };
      readonly error?: { readonly message: string };
    };
    if (!response.ok) return end(`${response.status} ${body.error?.message}`);
    const content = body.choices?.[0]?.message.content ?? '';
    if (kind === 'adapter') return end(body.usage?.completion_tokens ? undefined : 'no token');
    return end(isLabel(content) ? undefined : `no label: ${content}`);
  } catch (error) {
    return end(String(error));
  }
}

function isLabel(content: string): boolean {
  const label = /^label-(\d+)$/.exec(content)?.[1];
  return label !== undefined && Number(label) < HEAD_LABELS;
}

/** What a run was like, by kind. */
export function outcomesOf(outcomes: readonly Outcome[]) {
  const of = (kind: Order['kind']) => {
    const times = outcomes.filter((one) => one.kind === kind).map(({ ms }) => ms);
    const sorted = times.toSorted((a, b) => a - b);
    return {
      requests: times.length,
      medianMs: Math.round(median(times)),
      p95Ms: Math.round(sorted[Math.floor(0.95 * sorted.length)] ?? 0),
    };
  };
  const failures = outcomes.flatMap(({ failure }) => failure ?? []);
  return {
    requests: outcomes.length,
    failed: failures.length,
    failures: failures.slice(0, 5),
    heads: of('head'),
    adapters: of('adapter'),
  };
}
