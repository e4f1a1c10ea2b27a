import type { Attempt, Receipt } from '../core/receipt.ts';
import type { ShadowOutcome } from '../core/shadow.ts';
import { Counter, Gauge, Histogram } from './prometheus.ts';

/** What the farm reads from itself at the moment of a scrape. */
export interface GaugeReadings {
  /** Resident bytes of each loaded model. */
  readonly modelBytes: Readonly<Record<string, number>>;
  readonly activeRequests: number;
  readonly queuedRequests: number;
  /** Answers that are kept to be given again; absent where none are. */
  readonly keptAnswers?: { readonly count: number; readonly bytes: number };
  readonly process: {
    readonly residentBytes: number;
    readonly heapBytes: number;
    readonly cpuSeconds: number;
    /** Seconds since the epoch. */
    readonly startedAt: number;
  };
}

export interface Metrics {
  observe(receipt: Receipt): void;
  /** Prometheus text of everything observed and of the given readings. */
  render(readings: GaugeReadings): string;
}

/** Bounds of the OpenTelemetry semantic conventions for generative AI metrics. */
const DURATION_BOUNDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const FIRST_TOKEN_BOUNDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const TOKEN_BOUNDS = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
];

/**
 * Counts receipts. A delegated request has its own receipt and is counted like any other; a
 * receipt's cost is its own, so that sums over all receipts are right.
 */
export function createMetrics(): Metrics {
  const families = makeFamilies();
  return {
    observe(receipt) {
      if (receipt.shadow !== undefined) return observeShadow(families, receipt, receipt.shadow);
      const { spoke, model } = answererOf(receipt);
      families.requests.add({ spoke, outcome: receipt.outcome });
      const { operation = 'chat' } = receipt;
      families.duration.observe(
        { gen_ai_operation_name: operation, gen_ai_request_model: spoke, outcome: receipt.outcome },
        receipt.totalMs / 1000,
      );
      if (receipt.firstTokenMs !== undefined)
        families.firstToken.observe(
          { gen_ai_operation_name: operation, gen_ai_request_model: spoke },
          receipt.firstTokenMs / 1000,
        );
      if (receipt.cache !== undefined) families.shared.add({ kind: receipt.cache.kind });
      for (const attempt of receipt.attempts) observeAttempt(families, attempt, operation);
      if (receipt.outcome === 'abstained') families.abstentions.add({ spoke });
      for (const { check, passed } of receipt.checks)
        families.checks.add({ check, passed: String(passed) });
      families.cost.add({ model }, receipt.cost.total);
      families.reference.add({ model }, receipt.cost.reference);
      families.energy.add({ tier: receipt.energy.tier }, receipt.energy.joules);
    },
    render(readings) {
      const counted = Object.values(families).map((family) => family.render());
      return [...counted, ...gaugesOf(readings).map((gauge) => gauge.render())].join('');
    },
  };
}

function makeFamilies() {
  return {
    requests: new Counter('cadre_requests_total', 'Requests by answering spoke and outcome.'),
    duration: new Histogram(
      'gen_ai_server_request_duration_seconds',
      'Seconds from acceptance to the last byte.',
      DURATION_BOUNDS,
    ),
    firstToken: new Histogram(
      'gen_ai_server_time_to_first_token_seconds',
      'Seconds from acceptance to the first released byte.',
      FIRST_TOKEN_BOUNDS,
    ),
    tokens: new Histogram('gen_ai_client_token_usage', 'Tokens per attempt.', TOKEN_BOUNDS),
    escalations: new Counter('cadre_escalations_total', 'Answers not shown, next spoke asked.'),
    faults: new Counter('cadre_upstream_faults_total', 'Failed tries of remote models by fault.'),
    abstentions: new Counter('cadre_abstentions_total', 'Answers declined.'),
    checks: new Counter('cadre_checks_total', 'Checks on answers by result.'),
    shared: new Counter(
      'cadre_shared_answers_total',
      'Answers that were computed for another request: kept (hit, similar) or under way (shared).',
    ),
    shadows: new Counter(
      'cadre_shadow_answers_total',
      'Answered requests that were asked again unseen, by spoke and result.',
    ),
    shadowSeconds: new Counter('cadre_shadow_cpu_seconds_total', 'CPU seconds of shadow runs.'),
    cost: new Counter('cadre_cost_dollars_total', 'US dollars spent.'),
    reference: new Counter(
      'cadre_reference_cost_dollars_total',
      'US dollars the same tokens cost at the reference price.',
    ),
    energy: new Counter('cadre_energy_joules_total', 'Joules by how they are known.'),
  };
}

/** No caller asked for it, so it is none of the requests; what it cost is money all the same. */
function observeShadow(
  families: ReturnType<typeof makeFamilies>,
  { outcome, cost, energy, attempts }: Receipt,
  { spoke, agreement, seconds }: ShadowOutcome,
): void {
  const compared = agreement === undefined ? 'incomparable' : agreement === 1 ? 'same' : 'other';
  families.shadows.add({ spoke, result: outcome === 'answered' ? compared : outcome });
  families.shadowSeconds.add({ spoke }, seconds);
  families.cost.add({ model: attempts.at(-1)?.model ?? 'none' }, cost.total);
  families.energy.add({ tier: energy.tier }, energy.joules);
}

function observeAttempt(
  families: ReturnType<typeof makeFamilies>,
  attempt: Attempt,
  operation: string,
): void {
  const labels = { gen_ai_operation_name: operation, gen_ai_request_model: attempt.model };
  const { promptTokens, completionTokens } = attempt.usage;
  families.tokens.observe({ ...labels, gen_ai_token_type: 'input' }, promptTokens);
  families.tokens.observe({ ...labels, gen_ai_token_type: 'output' }, completionTokens);
  if (attempt.fault !== undefined)
    families.faults.add({ destination: attempt.destination, fault: attempt.fault });
  if (attempt.outcome === 'escalated') families.escalations.add({ spoke: attempt.spoke });
}

/** The spoke that answered, else the one that was chosen; never a name that a caller made up. */
function answererOf(receipt: Receipt): { readonly spoke: string; readonly model: string } {
  const last = receipt.attempts.at(-1);
  return { spoke: last?.spoke ?? receipt.route?.spoke ?? 'none', model: last?.model ?? 'none' };
}

function gaugesOf(readings: GaugeReadings): readonly Gauge[] {
  const models = new Gauge('cadre_models_resident_bytes', 'Bytes that each loaded model holds.');
  for (const [model, bytes] of Object.entries(readings.modelBytes)) models.set({ model }, bytes);
  const single = (name: string, help: string, value: number) => {
    const gauge = new Gauge(name, help);
    gauge.set({}, value);
    return gauge;
  };
  const { process, keptAnswers } = readings;
  return [
    models,
    ...(keptAnswers === undefined
      ? []
      : [
          single('cadre_kept_answers', 'Answers kept to be given again.', keptAnswers.count),
          single('cadre_kept_answers_bytes', 'Bytes of kept answers.', keptAnswers.bytes),
        ]),
    single('cadre_active_requests', 'Requests that are being served.', readings.activeRequests),
    single('cadre_queued_requests', 'Requests that wait for a model.', readings.queuedRequests),
    single('process_resident_memory_bytes', 'Resident memory.', process.residentBytes),
    single('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', process.heapBytes),
    single('process_cpu_seconds', 'CPU seconds since the start.', process.cpuSeconds),
    single('process_start_time_seconds', 'Start, seconds since the epoch.', process.startedAt),
  ];
}
