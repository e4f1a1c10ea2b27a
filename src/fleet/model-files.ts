import type { ModelFile } from '../core/catalogue.ts';
import type { CallOptions } from '../core/ports.ts';

/** What is known about an installed file without reading all of it. */
export type FileCondition =
  | { readonly state: 'absent' }
  /** Size and times are those of the moment its hash was verified. */
  | { readonly state: 'verified' }
  /** It is there, but nobody verified it as it is now. */
  | { readonly state: 'unverified' }
  /** It was set aside, or its size is wrong. */
  | { readonly state: 'damaged'; readonly problem: string };

/**
 * The folder of model files. Layout below it: `SHA256/NAME` installed, `partial/SHA256` on the way
 * (with `partial/SHA256.parts/` for the source's own use), `quarantine/SHA256-NAME` set aside (the newest per file). Every write may reject with an error
 * whose `code` is `ENOSPC`.
 */
export interface ModelFiles {
  doInspect(file: ModelFile): Promise<FileCondition>;
  /** Path where a source puts the bytes of this file; its folder exists afterwards. */
  doOpenPartial(file: ModelFile): Promise<string>;
  /** Bytes at the partial path; 0 when nothing is there. */
  doPartialBytes(file: ModelFile): Promise<number>;
  /** Bytes that can still be written in the folder. */
  doFreeBytes(): Promise<number>;
  /** SHA-256, hex, of the partial or the installed file; read in pieces. */
  doHash(file: ModelFile, place: 'partial' | 'installed', options: CallOptions): Promise<string>;
  /** Up to `length` bytes of the partial file. */
  doReadPartial(file: ModelFile, offset: number, length: number): Promise<Uint8Array>;
  /** Flushes the partial file, moves it to its place in one step and notes it as verified. */
  doInstall(file: ModelFile): Promise<void>;
  /** Notes the installed file as verified in its present size and times. */
  doMarkVerified(file: ModelFile): Promise<void>;
  /**
   * Moves a bad file out of the way. For an installed one `problem` is remembered, and
   * `doInspect` tells it, until the file is installed again.
   */
  doQuarantine(file: ModelFile, place: 'partial' | 'installed', problem: string): Promise<void>;
  /** Removes what sources share between files. Only when no pull is running or to be resumed. */
  doSweep(): Promise<void>;
}
