import { comparePolicies, POLICY_NAMES } from '../fleet/compare-policies.ts';
import { EXAMPLE_FARM, generateTrace, TRACE_KINDS } from '../fleet/trace-generate.ts';
import { readTrace, traceLines } from '../fleet/trace-lines.ts';
import { recordTrace } from '../fleet/trace-record.ts';

/** Replaying requests under other rules than the farm's own. */
export const simulation = {
  comparePolicies,
  policyNames: POLICY_NAMES,
  exampleFarm: EXAMPLE_FARM,
  generateTrace,
  traceKinds: TRACE_KINDS,
  readTrace,
  traceLines,
  recordTrace,
} as const;
