import type { TokenUsage } from '../core/chat.ts';
import type { Config } from '../core/config.ts';
import type { Cost } from '../core/receipt.ts';

const JOULES_PER_KWH = 3.6e6;
const TOKENS_PER_PRICE = 1e6;

/**
 * What an answer cost in US dollars: remote tokens plus the electricity of local work
 * (busy CPU seconds × watts ÷ 3.6·10⁶ × price per kWh), beside the same tokens at the reference
 * price. Cached tokens are charged in full in the reference, as its list price does.
 */
export function costOf(options: {
  readonly usage: TokenUsage;
  /** US dollars paid for remote tokens. */
  readonly remoteDollars: number;
  /** Seconds that cores were busy, summed over cores. */
  readonly cpuSeconds: number;
  readonly config: Config['record'];
}): Cost {
  const { usage, remoteDollars, cpuSeconds, config } = options;
  const electricity = ((cpuSeconds * config.watts) / JOULES_PER_KWH) * config.electricityPrice;
  const { reference } = config;
  return {
    total: remoteDollars + electricity,
    reference: priceOf(usage, reference),
    referenceName: reference.name,
  };
}

/** US dollars for tokens at prices per million. */
export function priceOf(
  usage: TokenUsage,
  price: { readonly input: number; readonly output: number },
): number {
  return (
    (usage.promptTokens * price.input + usage.completionTokens * price.output) / TOKENS_PER_PRICE
  );
}
