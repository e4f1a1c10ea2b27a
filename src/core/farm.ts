import type { Batches } from './batch.ts';
import type { Call, Caller, Reader } from './call.ts';
import type { ModelStatus } from './catalogue.ts';
import type { ChatRequest } from './chat.ts';
import type { Classification } from './classification.ts';
import type { CollectionChange, DocumentSaying } from './collection-settings.ts';
import type { WeightReport, WeightWish } from './collection-weight.ts';
import type { Config, SpokeConfig } from './config.ts';
import type { SourceSpec } from './config-source.ts';
import type { RouteDecision } from './decision.ts';
import type { Devices } from './device.ts';
import type {
  CollectionStanding,
  CollectionWarning,
  DocumentText,
  DocumentTextRequest,
} from './document-text.ts';
import type { CadreError } from './errors.ts';
import type { CadreEvent } from './events.ts';
import type { DocumentEdition } from './evidence.ts';
import type { FleetControl } from './fleet-control.ts';
import type { FleetTally } from './fleet-tally.ts';
import type { GateStatus } from './gate-report.ts';
import type { IndexProgress } from './index-progress.ts';
import type { ListPage, ObjectStore } from './objects.ts';
import type { FeedbackRow, GradedPage, Outcome } from './outcome.ts';
import type { ModelMaking } from './quantisation.ts';
import type { RateAnswer, RateStanding } from './rate.ts';
import type { Receipt } from './receipt.ts';
import type { SearchResult, SearchWish } from './search-result.ts';
import type { ShadowStatus, ShadowWish } from './shadow.ts';
import type { CollectionRow, DocumentRow, KeyRow, ReceiptStore } from './stores.ts';
import type { ThreadHolder } from './threads.ts';
import type { Training } from './training-job.ts';
import type { VectorStores } from './vector-store.ts';

/** A request for what no spoke answers; it leaves a receipt like any other. */
export interface Work {
  /** `req_` + 24 characters; also the receipt's id. */
  readonly id: string;
  readonly model: string;
  readonly caller: Caller;
  /** The batch that it is a line of. */
  readonly parent?: string;
}

/** What the server and the console see of the farm; main composes it. */
export interface Farm extends FleetControl, ModelMaking, Training {
  readonly config: Config;
  readonly version: string;
  /** Absolute path of CADRE_HOME. */
  readonly home: string;
  readonly startedAt: number;

  // data plane
  /** Never throws for a request's own trouble: that is a `request-failed` event. */
  ask(call: Call, signal: AbortSignal): AsyncIterable<CadreEvent>;
  embed(
    request: Work & { readonly texts: readonly string[]; readonly kind: 'query' | 'passage' },
    signal: AbortSignal,
  ): Promise<{
    readonly vectors: readonly Float32Array[];
    readonly model: string;
    readonly tokens: number;
    /** Texts of which the embedder read the beginning alone. */
    readonly cutCount: number;
    readonly receipt: Receipt;
  }>;
  /** Documents by how well they fit the query, best first, all of them. */
  rerank(
    request: Work & { readonly query: string; readonly documents: readonly string[] },
    signal: AbortSignal,
  ): Promise<{
    /** Scores of 0 … 1, relative to these documents; of a specialist P(relevant). */
    readonly ranked: readonly { readonly index: number; readonly score: number }[];
    readonly model: string;
    readonly tokens: number;
    readonly legs: readonly ('lexical' | 'dense')[];
    readonly receipt: Receipt;
  }>;
  /** Judges texts by the categories of the moderation model; `model_preparing` while that learns. */
  moderate(
    request: Work & { readonly texts: readonly string[] },
    signal: AbortSignal,
  ): Promise<{
    readonly model: string;
    readonly features: Classification['features'];
    readonly results: readonly {
      readonly flagged: boolean;
      /** P(category), 0 … 1. */
      readonly scores: Readonly<Record<string, number>>;
      readonly categories: Readonly<Record<string, boolean>>;
    }[];
    readonly receipt: Receipt;
  }>;
  /** What clients stored; the server shows each caller only what is his. */
  readonly objects: ObjectStore;
  /** Uploaded files that can be searched and asked. */
  readonly vectorStores: VectorStores;
  /** Tokens that the request's prompt takes; counted where that is cheap, else estimated. */
  countTokens(request: ChatRequest, signal: AbortSignal): Promise<number>;
  readonly batches: Batches;
  readonly devices: Devices;
  /** Names that a caller can use as `model`: only knowledge that one of the principals may read; undefined = all. */
  listNames(principals?: readonly string[]): readonly ModelName[];
  /** The caller behind a bearer secret; undefined = unknown or revoked. */
  authenticate(secret: string): Promise<Caller | undefined>;
  /** True while no key was ever made: only loopback is served, as the caller `loopback`. */
  isKeyless(): Promise<boolean>;
  /** Takes one request from the caller's limits. */
  takeRate(caller: Caller): RateAnswer;
  /** Sets tokens aside for the request `id`, until it is settled. */
  reserveTokens(caller: Caller, id: string, tokens: number): RateAnswer;
  /** Lets another request use what was set aside for `id` too: it is settled when both are. */
  shareTokens(id: string, other: string): void;
  /** Replaces what was set aside by what was used; a request with a receipt settles itself. */
  settleTokens(id: string, used: number): void;
  /** What the caller has left; undefined for one without limits. */
  rateStanding(caller: Caller): RateStanding | undefined;

  /** Why no request is served at this moment: receipts cannot be stored. Tries again where it failed. */
  storeProblem(): Promise<CadreError | undefined>;

  // admin plane
  status(): FarmStatus;
  models(): readonly ModelStatus[];
  /** Those that one of the principals may use; undefined = all. */
  spokes(principals?: readonly string[]): readonly SpokeConfig[];
  /** With a reader, receipts, words and events leave out what he may not read now. */
  receipts(
    filter: Parameters<ReceiptStore['doListReceipts']>[0],
    reader?: Reader,
  ): Promise<readonly Receipt[]>;
  receipt(id: string, reader?: Reader): Promise<Receipt | undefined>;
  events(id: string, reader?: Reader): Promise<readonly CadreEvent[] | undefined>;
  /** Notes what a caller says of an answer; the text of a correction only where he keeps text. */
  giveFeedback(
    receipt: Receipt,
    caller: Caller,
    said: readonly Pick<FeedbackRow, 'source' | 'score' | 'text'>[],
  ): Promise<void>;
  /** Every grade of the request's answers: feedback, checks, escalations. */
  outcomes(receipt: Receipt): Promise<readonly Outcome[]>;
  decide(call: Call): Promise<RouteDecision>;
  /** The fitted gates and the one in force. */
  gate(): GateStatus;
  /** Puts a fitted gate in force, 0 = the starter’s table. Throws `gate_not_found`, `gate_damaged`. */
  chooseGate(version: number): GateStatus;
  /** The cost–quality curve of a fitted gate, SVG text. Throws `gate_not_found`, `gate_damaged`. */
  gateCurve(version: number): string;
  /** Requests whose text was kept, with their grades, newest first; only operators may see them. */
  gradedRequests(after?: GradedPage['next']): Promise<GradedPage>;
  /** How shadow runs stand. */
  shadow(): Promise<ShadowStatus>;
  /** Changes what is set about them, on the disk before it resolves. Rejects with `invalid_request`. */
  changeShadow(wish: ShadowWish): Promise<ShadowStatus>;
  /** Receipts of the shadow runs of a request, oldest first. */
  shadowsOf(receipt: Receipt): Promise<readonly Receipt[]>;
  /** Back to the gate before. */
  rollbackGate(): GateStatus;
  collections(principals?: readonly string[]): Promise<readonly CollectionRow[]>;
  /** Those that one of the principals may read; undefined = all. */
  documents(
    collection: string,
    principals?: readonly string[],
    page?: ListPage,
  ): Promise<readonly DocumentRow[]>;
  /** Undefined = there is no such collection. */
  standing(
    collection: string,
    principals?: readonly string[],
  ): Promise<CollectionStanding | undefined>;
  warnings(collection: string, principals?: readonly string[]): readonly CollectionWarning[];
  /** Undefined where there is none, or none that the principals may read; so is `documentText`. */
  document(request: DocumentTextRequest): Promise<DocumentRow | undefined>;
  documentText(
    request: DocumentTextRequest,
    signal: AbortSignal,
  ): Promise<DocumentText | undefined>;
  /** Indexes what the sources have under a name and, when asked, keeps following them. */
  index(
    request: {
      readonly name: string;
      readonly sources: readonly SourceSpec[];
      readonly watch: boolean;
      /** Who may read it; absent = as before, everyone for a new one. */
      readonly principals?: readonly string[] | undefined;
      /** Puts the sources in the place of those that have the name; else that is a `conflict`. */
      readonly replace?: boolean;
      readonly settings?: { readonly context?: string | undefined };
    },
    signal: AbortSignal,
  ): AsyncIterable<IndexProgress>;
  /** Which documents are as they were and open to the principals; undefined = an operator. */
  stands(
    editions: readonly DocumentEdition[],
    principals?: readonly string[],
  ): Promise<(edition: DocumentEdition) => boolean>;
  /** Changes who may read what, at once. */
  changeCollection(name: string, change: CollectionChange): Promise<CollectionRow | undefined>;
  /** Adds to what is said of a document by hand. */
  sayOfDocument(
    collection: string,
    id: string,
    saying: DocumentSaying,
  ): Promise<DocumentRow | undefined>;
  /** Fits the weight of meaning to what is known of a collection's queries. */
  fitWeight(name: string, wish: WeightWish, signal: AbortSignal): Promise<WeightReport>;
  /** Notes that a result was opened; false where it is not noted. */
  noteOpening(
    opening: { readonly collection: string; readonly search: string; readonly chunk: string },
    caller: Caller,
  ): Promise<boolean>;
  dropCollection(name: string): Promise<boolean>;
  /** The caller pays for a spoke that reads what is found. */
  search(
    request: SearchWish & { readonly caller: Caller },
    signal: AbortSignal,
  ): Promise<SearchResult>;
  addKey(request: {
    readonly name: string;
    readonly principals: readonly string[];
    readonly keepsText: boolean;
    readonly budgetDaily?: number;
    readonly rateLimit?: number;
    readonly tokenLimit?: number;
  }): Promise<{ readonly row: KeyRow; readonly secret: string }>;
  listKeys(): Promise<readonly KeyRow[]>;
  revokeKey(id: string): Promise<boolean>;
  /** Prometheus text. */
  metrics(): string;
  /** Exchanges the one-time token of the printed URL for a session secret; undefined = used or wrong. */
  signIn(token: string): string | undefined;
  isSession(secret: string): boolean;
  /** A fresh one-time token for the console. */
  mintToken(): string;
  /** Stops taking requests and ends the process after the running ones. */
  stop(): void;
}

export interface ModelName {
  readonly id: string;
  readonly kind: 'virtual' | 'spoke' | 'knowledge' | 'embedder' | 'reranker';
  readonly description: string;
  /** A name is listed before its model is installed; then asking for it says so. */
  readonly ready: boolean;
  readonly created: number;
  /** Tokens that prompt and answer may take together; 0 while nothing can answer under the name. */
  readonly contextLength: number;
  readonly tools: boolean;
  readonly vision: boolean;
  /** The model of the catalogue, or DESTINATION/MODEL, behind the name; absent where several take turns. */
  readonly model?: string;
  /** The name of the farm that this one stands for, by the configuration; this one may end in `*`. */
  readonly alias?: string;
}

export interface FarmStatus {
  readonly version: string;
  readonly home: string;
  readonly pid: number;
  /** Where it listens; absent while only the socket of its home is served. */
  readonly url?: string;
  readonly uptimeSeconds: number;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly memoryBudget: number;
  readonly memoryUsed: number;
  /** Bytes of models that were in memory and gave way to others. */
  readonly memorySaved: number;
  readonly fleet: FleetTally;
  /** That models, embedder and training have together. */
  readonly threads: number;
  /** Who computes now. */
  readonly threadHolders: readonly ThreadHolder[];
  readonly activeRequests: number;
  readonly offline: boolean;
  readonly config: ConfigStatus;
}

/** Which configuration is in use. */
export interface ConfigStatus {
  /** Absent where no file was found and every key has its default. */
  readonly file?: string;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
  /** Why a later version of the file was refused. */
  readonly problem?: string;
  /** Keys whose change waits for a restart. */
  readonly needsRestart: readonly string[];
}
