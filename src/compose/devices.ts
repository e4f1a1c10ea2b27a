import { readersOf } from '../core/call.ts';
import type { Classification } from '../core/classification.ts';
import type { SpokeConfig } from '../core/config.ts';
import { DEVICE_MODEL, type Devices } from '../core/device.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import type { Specialists } from '../core/specialist.ts';
import { versionName } from '../core/specialist.ts';
import type { DevicePool } from '../fleet/device-pool.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';

/** A micro-model takes a millisecond; a page in the background may be slowed down to once a second. */
const ANSWER_MS = 10_000;

/** The specialist that a page of the caller runs for this spoke; undefined for all other spokes. */
export function deviceModelOf({ kind, model }: SpokeConfig): string | undefined {
  return kind === 'classifier' && model.startsWith(DEVICE_MODEL)
    ? model.slice(DEVICE_MODEL.length)
    : undefined;
}

export function composeDevices(parts: {
  readonly pool: DevicePool;
  readonly specialists: Pick<Specialists, 'lineage'>;
  readonly registry: Pick<SpecialistRegistry, 'versions' | 'read'>;
}): Devices {
  const { pool, specialists, registry } = parts;
  return {
    join: (caller, offer, link) => pool.join(caller, offer, link),
    async content(model, caller) {
      const { live } = await specialists.lineage(model, readersOf(caller));
      const version = (await registry.versions(model)).find(
        ({ body }) => body.manifest.version === live,
      );
      if (version === undefined)
        throw new CadreError('model_not_found', `${model} has no live version`);
      const { manifest } = version.body;
      if (manifest.kind !== 'intents')
        throw new CadreError(
          'invalid_request',
          `${versionName(manifest)} is of the kind ${manifest.kind}; a page runs intents`,
        );
      return (await registry.read(version)).bytes;
    },
  };
}

/** One text by a page of the key, within a time that a page keeps. */
export async function classifyOnDevice(
  pool: DevicePool,
  { key, model, text }: { readonly key: string; readonly model: string; readonly text: string },
  { signal }: CallOptions,
): Promise<Classification> {
  const bound = AbortSignal.timeout(ANSWER_MS);
  try {
    return await pool.ask(key, model, text, { signal: AbortSignal.any([signal, bound]) });
  } catch (error) {
    if (signal.aborted || !bound.aborted) throw error;
    throw new CadreError(
      'upstream_timeout',
      `the page that runs ${model} did not answer within ${ANSWER_MS / 1000} s`,
      { fault: 'silent' },
    );
  }
}
