/** The public surface: start a farm in a program of one's own, or talk to the one of a home. */

export type { Settings } from './compose/settings.ts';
export { CadreError, ERROR_TABLE, type ErrorCode } from './core/errors.ts';
export type { CadreEvent } from './core/events.ts';
export type { Citation, EvidenceSentence, Passage } from './core/evidence.ts';
export type { Farm } from './core/farm.ts';
export type { FarmClient } from './core/farm-client.ts';
export type { Receipt } from './core/receipt.ts';
export {
  connectFarm,
  type RunningFarm,
  readSettings,
  type StartOptions,
  startFarm,
} from './main.ts';
