import { queueInThread, type TrainingEmbedder } from '../adapters/models/classifier-training.ts';
import { CadreError } from '../core/errors.ts';
import type { GivenLabel, LabelQueue, LabelScope, Labels } from '../core/labelling.ts';
import { nearestName } from '../core/nearest.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { versionName } from '../core/specialist.ts';
import type { ReceiptStore } from '../core/stores.ts';
import type { WithThread } from '../core/threads.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import { byLiveTime, type StoredVersion } from '../learn/version-keeping.ts';
import { redactText } from '../policy/redaction.ts';
import { givenLabels, givenOf, labelId, pageOfLabels } from './given-labels.ts';
import { differingLabels } from './shadow-answers.ts';
import { findTexts, isOf, type TrafficStore, trafficName } from './traffic-reading.ts';

interface LabelParts {
  readonly store: TrafficStore & Pick<ReceiptStore, 'doGetReceipt'>;
  readonly objects: Pick<ObjectStore, 'doListObjects' | 'doPutObject' | 'doDeleteObject'>;
  readonly registry: Pick<SpecialistRegistry, 'versions' | 'read'>;
  readonly embedder: () => TrainingEmbedder | undefined;
  readonly withThread?: WithThread;
  readonly clock: Clock;
  /** Told of every label with the answer that was shown. */
  readonly learn: (receipt: Receipt, answer: string, label: string) => Promise<void>;
  readonly textDays: () => number;
}

/** The newest texts that a queue is made from. */
const TEXTS_MOST = 5_000;
/** Queues that are made at once; each takes a core for some seconds. */
const QUEUES_MOST = 2;
const QUEUE_MS = 180_000;
const LABEL_LENGTH = 64;
const SEED = 1;
const DAY_MS = 86_400_000;

/** Asks people for the labels that teach most, and keeps what they say as long as the text. */
export class LabelRoom implements Labels {
  readonly #parts: LabelParts;
  #running = 0;

  constructor(parts: LabelParts) {
    this.#parts = parts;
  }

  async queue(wish: Parameters<Labels['queue']>[0], signal: AbortSignal): Promise<LabelQueue> {
    const { capability, live } = await this.#scopeOf(wish);
    if (this.#running >= QUEUES_MOST)
      throw new CadreError('overloaded', `${QUEUES_MOST} queues are being made already`, {
        retryAfter: 5,
      });
    this.#running += 1;
    try {
      return await this.#make(wish, { capability, live }, signal);
    } finally {
      this.#running -= 1;
    }
  }

  async give(wish: Parameters<Labels['give']>[0]): Promise<GivenLabel> {
    const { objects, clock, learn, textDays } = this.#parts;
    const { capability, live } = await this.#scopeOf(wish);
    const label = wish.label.trim();
    requireForm(label);
    if (live !== undefined && wish.isNew !== true)
      await this.#requireKnown(label, capability, live);
    const { receipt, text, answer } = await this.#rowOf(wish.row, capability);
    const at = clock.now();
    await objects.doPutObject({
      kind: 'label',
      id: labelId(capability, receipt.id),
      key: wish.key,
      createdAt: at,
      // It says nothing without the text, which goes then.
      expiresAt: receipt.at + textDays() * DAY_MS,
      body: { capability, label },
    });
    await learn(receipt, answer, label);
    return { capability, row: receipt.id, label, key: wish.key, at, text };
  }

  async list(wish: Parameters<Labels['list']>[0]): Promise<readonly GivenLabel[]> {
    const { store, objects } = this.#parts;
    const { capability } = await this.#scopeOf(wish);
    const after = wish.after === undefined ? undefined : labelId(capability, wish.after);
    const rows = await pageOfLabels(objects, capability, { limit: wish.limit, after });
    return Promise.all(
      rows.map(givenOf).map(async (one) => {
        const kept = await store.doGetText(one.row);
        return { ...one, text: kept === undefined ? null : redactText(kept.prompt).text };
      }),
    );
  }

  async takeBack(wish: LabelScope & { readonly row: string }): Promise<boolean> {
    const { capability } = await this.#scopeOf(wish);
    return this.#parts.objects.doDeleteObject('label', labelId(capability, wish.row));
  }

  async #make(
    wish: Parameters<Labels['queue']>[0],
    { capability, live }: Scope,
    signal: AbortSignal,
  ): Promise<LabelQueue> {
    const { store, objects, registry, embedder, clock, withThread } = this.#parts;
    const bound = AbortSignal.any([signal, AbortSignal.timeout(QUEUE_MS)]);
    const manifest = live?.body.manifest;
    const labels = wish.labels ?? manifest?.report.labels ?? null;
    const given = await givenLabels(objects, capability);
    const candidate = (await registry.versions(manifest?.name ?? '')).find(
      (one) => one.body.stage === 'shadow',
    );
    const found = await findTexts(store, {
      given,
      ...(candidate && { differing: await differingLabels(objects, candidate.row.id) }),
      capability,
      labels: wish.labels ?? null,
      // What it answered itself says nothing of how right it is.
      name: manifest?.name ?? '',
      until: clock.now(),
      signal: bound,
      textsMost: TEXTS_MOST,
    });
    if (found.texts.length === 0)
      throw new CadreError(
        'invalid_request',
        `${found.matching} requests were made to “${capability}”, and the text of none is kept; make a key that keeps it with \`cadre keys add NAME --keep-text\``,
        { param: 'capability' },
      );
    const model = live && (await registry.read(live)).bytes;
    const reply = await queueInThread(
      {
        type: 'queue',
        texts: found.texts,
        labels: labels ?? [],
        limit: wish.limit,
        seed: SEED,
        ...(model && { model }),
      },
      { embedder: embedder(), signal: bound, ...(withThread && { withThread }) },
    );
    const { type: _, ...queue } = reply;
    return {
      capability,
      specialist: manifest === undefined ? null : versionName(manifest),
      ...queue,
    };
  }

  /** The row with its text, as it is kept. */
  async #rowOf(
    id: string,
    capability: string,
  ): Promise<{ readonly receipt: Receipt; readonly text: string; readonly answer: string }> {
    const { store } = this.#parts;
    const receipt = await store.doGetReceipt(id);
    if (receipt === undefined || !isOf(receipt, capability))
      throw new CadreError(
        'object_not_found',
        `there is no answered request “${id.slice(0, 100)}” to “${capability}”`,
        { param: 'row' },
      );
    const kept = await store.doGetText(id);
    if (kept === undefined || kept.prompt.trim() === '')
      throw new CadreError('object_not_found', `the text of ${id} is not kept`, { param: 'row' });
    return { receipt, text: redactText(kept.prompt).text, answer: kept.answer };
  }

  /** A label of the specialist, or one that somebody made before; else it is most likely a slip. */
  async #requireKnown(label: string, capability: string, { body }: StoredVersion): Promise<void> {
    const { name, report } = body.manifest;
    if (report.labels.includes(label)) return;
    const given = [...(await givenLabels(this.#parts.objects, capability)).values()];
    const known = [...new Set([...report.labels, ...given.map((one) => one.label)])];
    if (known.includes(label)) return;
    const near = nearestName(label, known);
    throw wrongLabel(
      `${name} has no label “${label}”${near === undefined ? '.' : `; did you mean “${near}”?`} A label that it is to learn anew is given as a new one`,
    );
  }

  async #scopeOf({ name, capability }: LabelScope): Promise<Scope> {
    const { registry } = this.#parts;
    const wanted = name ?? capability;
    if (wanted === undefined)
      throw new CadreError('invalid_request', 'name a specialist or a capability', {
        param: 'name',
      });
    const versions = await registry.versions(wanted);
    const live = byLiveTime(versions).find((one) => one.body.stage === 'live');
    if (name !== undefined && live === undefined)
      throw new CadreError('model_not_found', `there is no live specialist “${name}”`, {
        param: 'name',
      });
    if (live !== undefined && live.body.manifest.kind !== 'intents')
      throw new CadreError('invalid_request', `${wanted} does not sort texts into labels`, {
        param: 'name',
      });
    return { capability: capability ?? taughtFrom(live) ?? wanted, live };
  }
}

interface Scope {
  readonly capability: string;
  readonly live: StoredVersion | undefined;
}

/** The capability whose traffic taught it. */
function taughtFrom(live: StoredVersion | undefined): string | undefined {
  const { provenance, name } = live?.body.manifest.data ?? { provenance: 'file', name: '' };
  const start = trafficName('');
  return provenance === 'traffic' && name.startsWith(start) ? name.slice(start.length) : undefined;
}

function requireForm(label: string): void {
  if (label === '' || label.length > LABEL_LENGTH || /[\r\n]/.test(label))
    throw wrongLabel(`a label is one line of 1 to ${LABEL_LENGTH} characters`);
}

function wrongLabel(words: string): CadreError {
  return new CadreError('invalid_request', words, { param: 'label' });
}
