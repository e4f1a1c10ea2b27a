import type { TokenUsage } from '../core/chat.ts';
import type { Config } from '../core/config.ts';
import { CACHE_WRITE_RATE, type Price } from '../core/price.ts';
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
    reference: listPriceOf(usage, reference),
    referenceName: reference.name,
  };
}

/**
 * US dollars for tokens. What a cache served costs in full where the price names nothing else, so that
 * a budget errs towards too much; what was written into one costs what Anthropic's cache costs.
 */
export function priceOf(usage: TokenUsage, price: Price): number {
  const { input, cachedInput = input } = price;
  const { fiveMinutes = 0, hour = 0 } = usage.cacheWrites ?? {};
  const rate = CACHE_WRITE_RATE;
  const surcharge = fiveMinutes * (rate.fiveMinutes - 1) + hour * (rate.hour - 1);
  const discount = usage.cachedTokens * (input - cachedInput);
  return listPriceOf(usage, price) + (surcharge * input - discount) / TOKENS_PER_PRICE;
}

function listPriceOf({ promptTokens, completionTokens }: TokenUsage, price: Price): number {
  return (promptTokens * price.input + completionTokens * price.output) / TOKENS_PER_PRICE;
}
