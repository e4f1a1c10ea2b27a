import type { Caller } from './call.ts';
import type { Classification } from './classification.ts';

/** `device/NAME` as a spoke’s model: the specialist NAME, run by a page of whoever asks. */
export const DEVICE_MODEL = 'device/';

/** The way to a page that runs a model. */
export interface DeviceLink {
  /** Hands over one text; its answer comes by `DevicePlace` under the same number. */
  ask(id: number, text: string): void;
  /** Nobody waits for the answer any more. */
  forget(id: number): void;
}

/** The place of a page in the farm, until it leaves. An answer that nobody waits for is dropped. */
export interface DevicePlace {
  answer(id: number, classification: Classification): void;
  refuse(id: number, reason: string): void;
  leave(): void;
}

/** Pages that run a specialist on the machine they are open on, each for its own caller alone. */
export interface Devices {
  /**
   * The bytes of the live specialist of a name, for a page to run. Rejects with `model_not_found`, and
   * with `invalid_request` for one that is not of a kind that pages run.
   */
  content(model: string, caller: Caller): Promise<Uint8Array>;
  /** Throws `overloaded` beyond the bound of pages. */
  join(
    caller: Caller,
    offer: { readonly model: string; readonly labels: readonly string[] },
    link: DeviceLink,
  ): DevicePlace;
}
