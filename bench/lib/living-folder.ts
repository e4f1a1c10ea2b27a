import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import { LivingFarm, TEAMS, type Team } from './living-farm.ts';
import { LivingChanges, type Slot, teamOf } from './living-run.ts';
import { type Findings, LivingTruth, noFindings } from './living-truth.ts';

type Place = 'prompt' | 'citation' | 'cache' | 'search' | 'kept' | 'log';

export interface LivingWish {
  readonly seed: number;
  readonly changes: number;
  readonly documents: number;
  /** Changes under way at once, and callers that ask without pause. */
  readonly writers: number;
  readonly callers: number;
}

export interface LivingReport {
  readonly findings: Readonly<Record<Place, Findings>>;
  readonly counts: LivingChanges['counts'];
  readonly asked: {
    readonly chats: number;
    readonly fromCache: number;
    readonly searches: number;
    readonly conversations: number;
  };
  /** Of changes whose result was asked for at once: those that were answered as they now are. */
  readonly fresh: { readonly right: number; readonly of: number };
  /** Milliseconds from a change of the folder until the store shows it, sorted. */
  readonly lags: readonly number[];
  /** Receipts whose words were read again at the end. */
  readonly receiptsRead: number;
}

/** Random changes of a folder under concurrent questions, through the whole farm. */
export async function runLivingFolder(wish: LivingWish): Promise<LivingReport> {
  const run = new LivingFolder(wish);
  return run.run();
}

class LivingFolder {
  readonly #wish: LivingWish;
  readonly #truth = new LivingTruth();
  readonly #findings = {
    prompt: noFindings(),
    citation: noFindings(),
    cache: noFindings(),
    search: noFindings(),
    kept: noFindings(),
    log: noFindings(),
  };
  /** When the questions that are under way were asked, by their text's team and slot. */
  readonly #underWay = new Map<string, number[]>();
  readonly #kept: { readonly team: Team; readonly id: string }[] = [];
  readonly #receipts: { readonly id: string; readonly askedAt: number }[] = [];
  readonly #asked = { chats: 0, fromCache: 0, searches: 0, conversations: 0 };
  /** The last stored response of each team, whose conversation goes on. */
  readonly #last = new Map<Team, string>();
  readonly #fresh = { right: 0, of: 0 };

  constructor(wish: LivingWish) {
    this.#wish = wish;
  }

  async run(): Promise<LivingReport> {
    const { seed, changes, documents, writers, callers } = this.#wish;
    const farm = await LivingFarm.open((prompt) => this.#onPrompt(prompt));
    try {
      const folder = new LivingChanges(farm, this.#truth, seed, documents);
      await folder.begin();
      const stop = new AbortController();
      const asking = Array.from({ length: callers }, (_one, index) =>
        this.#askOn(farm, folder.slots, seed + 1 + index, stop.signal),
      );
      let left = changes;
      const write = async () => {
        while (left > 0) {
          left -= 1;
          const { slot } = await folder.step();
          await this.#askNow(farm, slot);
          slot.busy = false;
        }
      };
      await Promise.all(Array.from({ length: writers }, write)).finally(() => stop.abort());
      await Promise.all(asking);
      await this.#readLog(farm);
      return {
        findings: this.#findings,
        counts: folder.counts,
        asked: this.#asked,
        fresh: this.#fresh,
        lags: folder.lags.toSorted((left, right) => left - right),
        receiptsRead: this.#receipts.length,
      };
    } finally {
      await farm.close();
    }
  }

  #onPrompt(prompt: string): void {
    const team = /You answer team (\w+)\./.exec(prompt)?.[1] ?? '';
    // The last question is the one that is asked.
    const valve = [...prompt.matchAll(/At what pressure does valve (K\d+) open/g)].at(-1)?.[1];
    const now = performance.now();
    const since = this.#underWay.get(`${team} ${valve}`) ?? [];
    const seen = { askedAt: Math.min(now, ...since), to: now };
    this.#truth.judge(prompt, team, seen, this.#findings.prompt);
  }

  /** One caller: every question is asked twice, so that the second may come from the cache. */
  async #askOn(
    farm: LivingFarm,
    slots: readonly Slot[],
    seed: number,
    signal: AbortSignal,
  ): Promise<void> {
    const random = seededRandom(seed);
    while (!signal.aborted) {
      const slot = slots[Math.floor(random() * slots.length)];
      const team = TEAMS[Math.floor(random() * TEAMS.length)];
      if (slot === undefined || team === undefined) return;
      const draw = random();
      if (draw < 0.25) await this.#search(farm, team, slot.number);
      else if (draw < 0.5) await this.#converse(farm, team, slot.number);
      else for (let time = 0; time < 2; time += 1) await this.#chat(farm, team, slot.number);
      // Requests share the processor with the indexing that they race.
      await sleep(5);
    }
  }

  async #search(farm: LivingFarm, team: Team, slot: number): Promise<void> {
    const from = performance.now();
    const { status, text } = await farm.search(team, slot);
    if (status !== 200) throw new Error(`a search failed: ${text}`);
    this.#asked.searches += 1;
    const seen = { askedAt: from, to: performance.now() };
    this.#truth.judge(text, team, seen, this.#findings.search);
  }

  /** Reads the team's last stored response as it is given now, and goes on from it with another question. */
  async #converse(farm: LivingFarm, team: Team, slot: number): Promise<void> {
    const before = this.#last.get(team);
    if (before !== undefined) await this.#readKept(farm, team, before);
    const { status, text } = await this.#underWayAs(`${team} K${slot}`, () =>
      farm.respond(team, slot, before),
    );
    // 409 = a document fell between the look at the conversation and the model.
    if (status !== 200 && status !== 409) throw new Error(`a conversation failed: ${text}`);
    if (status !== 200) return;
    this.#asked.conversations += 1;
    // A conversation that only grew would be one long row of answers that fell.
    const isLong = this.#asked.conversations % 8 === 0;
    const id = /"id":"(resp_\w+)"/.exec(text)?.[1];
    if (isLong || id === undefined) this.#last.delete(team);
    else this.#last.set(team, id);
    if (id !== undefined) this.#kept.push({ team, id });
  }

  async #readKept(farm: LivingFarm, team: Team, id: string): Promise<void> {
    const from = performance.now();
    const { text } = await farm.send(team, `/v1/responses/${id}`);
    this.#truth.judge(text, team, { askedAt: from, to: performance.now() }, this.#findings.kept);
  }

  async #underWayAs<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const since = this.#underWay.get(key) ?? [];
    this.#underWay.set(key, since);
    since.push(from);
    try {
      return await ask();
    } finally {
      since.splice(since.indexOf(from), 1);
    }
  }

  async #chat(farm: LivingFarm, team: Team, slot: number): Promise<string> {
    const from = performance.now();
    const { status, text } = await this.#underWayAs(`${team} K${slot}`, () => farm.ask(team, slot));
    if (status !== 200) throw new Error(`a question failed: ${text}`);
    const id = /"receipt":"(req_\w+)"/.exec(text)?.[1] ?? '';
    const receipt = await farm.farm.receipt(id);
    const isShared = receipt?.cache !== undefined;
    this.#asked.chats += 1;
    if (isShared) this.#asked.fromCache += 1;
    const findings = isShared ? this.#findings.cache : this.#findings.citation;
    this.#truth.judge(text, team, { askedAt: from, to: performance.now() }, findings);
    if (team === 'north' && id !== '') this.#receipts.push({ id, askedAt: from });
    return text;
  }

  /** The document has just changed: the answer must be the new one, or be declined. */
  async #askNow(farm: LivingFarm, slot: Slot): Promise<void> {
    const owner = teamOf(slot);
    const team = owner ?? 'none';
    const text = await this.#chat(farm, team, slot.number);
    this.#fresh.of += 1;
    const shown = text.includes(String(slot.token));
    if (shown === (slot.path !== undefined)) this.#fresh.right += 1;
  }

  /** What the farm kept, as its owner may read it now; and its own log, which holds no words at all. */
  async #readLog(farm: LivingFarm): Promise<void> {
    for (const { team, id } of this.#kept) await this.#readKept(farm, team, id);
    for (const { id, askedAt } of this.#receipts)
      for (const path of [`/cadre/v1/receipts/${id}`, `/cadre/v1/receipts/${id}/events`]) {
        const from = performance.now();
        const { text } = await farm.send('north', path);
        const seen = { askedAt, from, to: performance.now() };
        this.#truth.judge(text, 'north', seen, this.#findings.log);
      }
    const words = farm.lines.join('\n').match(/\b9\d{6}\b/g) ?? [];
    this.#findings.log.unknown += words.length;
  }
}
