import { mean } from '../../src/base/statistics.ts';
import { UNFITTED } from '../../src/verify/answer-checker.ts';
import { judgeAnswer } from '../../src/verify/verdict.ts';
import type { CascadeAnswer } from './cascade-answers.ts';
import { cascadeRows } from './cascade-rows.ts';
import { requestOf } from './live-request.ts';

/** CPU seconds of judging one answer with all checks, on this machine. */
export function timeChecks(answers: readonly CascadeAnswer[]): {
  readonly meanSeconds: number;
  readonly microseconds: { readonly p50: number; readonly p99: number };
} {
  const rows = new Map(cascadeRows().map((row) => [row.id, row]));
  const times: number[] = [];
  for (const round of [0, 1, 2])
    for (const one of answers) {
      const row = rows.get(one.row);
      if (row === undefined) continue;
      const request = requestOf(row, 'auto');
      const start = process.cpuUsage();
      judgeAnswer({
        request,
        text: one.text,
        finishReason: one.finishReason,
        toolCalls: [],
        passages: [],
        task: row.task,
        checker: UNFITTED,
      });
      const { user, system } = process.cpuUsage(start);
      // The first round warms up.
      if (round > 0) times.push(user + system);
    }
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { meanSeconds: mean(times) / 1e6, microseconds: { p50: at(0.5), p99: at(0.99) } };
}
