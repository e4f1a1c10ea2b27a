import { useQuery } from '@tanstack/react-query';
import type { Receipt } from '../../src/core/receipt.ts';
import { loadReceipt } from './farm-api.ts';
import type { Turn } from './turn.ts';

export interface Totals {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** US dollars. */
  readonly cost: number;
  readonly reference: number;
  readonly joules: number;
}

function sum(receipts: readonly Receipt[]): Totals {
  const total = (pick: (receipt: Receipt) => number) =>
    receipts.reduce((before, receipt) => before + pick(receipt), 0);
  return {
    promptTokens: total((receipt) => receipt.usage.promptTokens),
    cachedTokens: total((receipt) => receipt.usage.cachedTokens),
    completionTokens: total((receipt) => receipt.usage.completionTokens),
    cost: total((receipt) => receipt.cost.total),
    reference: total((receipt) => receipt.cost.reference),
    joules: total((receipt) => receipt.energy.joules),
  };
}

/** What a request used; a plan's own receipt counts nothing, so its steps are added up. */
export function useTotals({ receipt }: Turn): Totals | undefined {
  const own = receipt && sum([receipt]);
  const isPlan =
    receipt !== undefined &&
    receipt.children.length > 0 &&
    receipt.usage.promptTokens + receipt.usage.completionTokens === 0;
  const steps = useQuery({
    queryKey: ['receipt', receipt?.id],
    queryFn: () => loadReceipt(receipt?.id ?? ''),
    enabled: isPlan,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return isPlan && steps.data ? sum(steps.data.children) : own;
}
