import { createHash } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import type { DocumentRow } from '../../src/core/stores.ts';
import { COLLECTION, type LivingFarm, TEAMS, type Team } from './living-farm.ts';
import type { LivingTruth } from './living-truth.ts';

export type Change = 'edit' | 'rename' | 'delete' | 'create' | 'readers';

/** A document of the folder as it should be. */
export interface Slot {
  readonly number: number;
  /** Undefined while it is deleted. */
  path: string | undefined;
  token: number;
  override: Team | 'public' | undefined;
  busy: boolean;
}

/** How often each kind of change is made where it can be. */
const SHARES: readonly (readonly [Change, number])[] = [
  ['edit', 0.45],
  ['rename', 0.65],
  ['delete', 0.8],
  ['readers', 1],
];
const LONGEST_WAIT = 30_000;

/** Makes random changes and says when each is acknowledged. */
export class LivingChanges {
  readonly slots: readonly Slot[];
  /** Milliseconds from a change of the folder until the store shows it. */
  readonly lags: number[] = [];
  readonly counts: Record<Change, number> = {
    edit: 0,
    rename: 0,
    delete: 0,
    create: 0,
    readers: 0,
  };
  readonly #farm: LivingFarm;
  readonly #truth: LivingTruth;
  readonly #random: () => number;
  #names = 0;

  constructor(farm: LivingFarm, truth: LivingTruth, seed: number, count: number) {
    this.#farm = farm;
    this.#truth = truth;
    this.#random = seededRandom(seed);
    this.slots = Array.from({ length: count }, (_one, number) => ({
      number,
      path: undefined,
      token: 0,
      override: undefined,
      busy: false,
    }));
  }

  /** Puts every document there. */
  async begin(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.#create(slot)));
    this.lags.length = 0;
    this.counts.create = 0;
  }

  /** One change of a document that nobody else changes now. */
  async step(): Promise<{ readonly slot: Slot; readonly change: Change }> {
    const free = this.slots.filter((slot) => !slot.busy);
    const slot = free[Math.floor(this.#random() * free.length)];
    if (slot === undefined) throw new Error('more changes at once than documents');
    const draw = this.#random();
    const drawn = SHARES.find(([, share]) => draw < share)?.[0] ?? 'edit';
    const change = slot.path === undefined ? 'create' : drawn;
    slot.busy = true;
    await this.#make(change, slot);
    this.counts[change] += 1;
    return { slot, change };
  }

  #make(change: Change, slot: Slot): Promise<void> {
    if (change === 'create') return this.#create(slot);
    if (change === 'edit') return this.#write(slot, slot.path ?? '');
    if (change === 'rename') return this.#rename(slot);
    return change === 'delete' ? this.#delete(slot) : this.#readers(slot);
  }

  #create(slot: Slot): Promise<void> {
    slot.override = undefined;
    return this.#write(slot, this.#newPath());
  }

  async #write(slot: Slot, path: string): Promise<void> {
    const isNew = slot.path === undefined;
    const before = slot.token;
    slot.token = this.#truth.begin(slot.number);
    const text = `# Valve K${slot.number}\n\nValve K${slot.number} opens at ${slot.token} pascal. It is checked in spring.\n`;
    const hash = createHash('sha256').update(text).digest('hex');
    const asked = performance.now();
    slot.path = path;
    if (isNew) this.#truth.read(slot.number, teamOf(slot), asked)(asked);
    const target = join(this.#farm.folder, path);
    // Whole or not at all, as editors write.
    writeFileSync(`${target}.new~`, text);
    renameSync(`${target}.new~`, target);
    await this.#until(asked, (all) => all.some((one) => one.path === path && one.hash === hash));
    if (!isNew) this.#truth.end(before, performance.now(), 'replaced');
  }

  async #rename(slot: Slot): Promise<void> {
    const [from, to] = [slot.path ?? '', this.#newPath()];
    const asked = performance.now();
    slot.path = to;
    const acknowledge = this.#truth.read(slot.number, teamOf(slot), asked);
    renameSync(join(this.#farm.folder, from), join(this.#farm.folder, to));
    await this.#until(
      asked,
      (all) => all.some((one) => one.path === to) && !all.some((one) => one.path === from),
    );
    acknowledge(performance.now());
  }

  async #delete(slot: Slot): Promise<void> {
    const path = slot.path ?? '';
    const asked = performance.now();
    rmSync(join(this.#farm.folder, path));
    slot.path = undefined;
    await this.#until(asked, (all) => !all.some((one) => one.path === path));
    this.#truth.end(slot.token, performance.now(), 'deleted');
  }

  async #readers(slot: Slot): Promise<void> {
    const choices = ['north', 'south', 'public', undefined] as const;
    const override = choices[Math.floor(this.#random() * choices.length)];
    const document = (await this.#farm.documents()).find((one) => one.path === slot.path);
    const asked = performance.now();
    slot.override = override;
    const acknowledge = this.#truth.read(slot.number, teamOf(slot), asked);
    const { status, text } = await this.#farm.send(
      'operator',
      `/cadre/v1/collections/${COLLECTION}/documents/${document?.id}`,
      { principals: override === undefined ? null : [override] },
      'PATCH',
    );
    if (status !== 200) throw new Error(`readers were not changed: ${text}`);
    acknowledge(performance.now());
  }

  async #until(
    asked: number,
    isDone: (documents: readonly DocumentRow[]) => boolean,
  ): Promise<void> {
    while (!isDone(await this.#farm.documents())) {
      if (performance.now() - asked > LONGEST_WAIT) throw new Error('a change was never seen');
      await sleep(10);
    }
    this.lags.push(performance.now() - asked);
  }

  #newPath(): string {
    this.#names += 1;
    const folder = ['', 'north/', 'south/'][Math.floor(this.#random() * 3)] ?? '';
    return `${folder}valve-${this.#names}.md`;
  }
}

/** The only team that may read a document; undefined = everyone. */
export function teamOf({ path, override }: Slot): Team | undefined {
  if (override !== undefined) return override === 'public' ? undefined : override;
  return TEAMS.find((team) => path?.startsWith(`${team}/`));
}
