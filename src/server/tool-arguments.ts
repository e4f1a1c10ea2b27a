import { CadreError } from '../core/errors.ts';

/** The arguments of a whole call, for dialects that hand them over as an object. */
export function parseArguments(tool: string, json: string): object {
  try {
    const value: unknown = JSON.parse(json.trim() === '' ? '{}' : json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through: broken JSON and JSON that is no object are the same fault.
  }
  throw new CadreError('upstream_failed', `the arguments of ${tool} are not a JSON object`);
}
