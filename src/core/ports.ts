import type { AdapterFile } from './adapter.ts';
import type { ModelEntry, ModelFile } from './catalogue.ts';
import type {
  ChatMessage,
  ChatRequest,
  Dialect,
  FinishReason,
  JsonObject,
  Sampling,
  TokenLogprob,
  TokenUsage,
  ToolChoice,
  ToolDefinition,
} from './chat.ts';
import type { Classification } from './classification.ts';
import type { CadreEvent } from './events.ts';
import type { DocumentEdition } from './evidence.ts';
import type { Measured } from './measured.ts';
import type { Permit } from './permit.ts';
import type { RelayWish } from './relay.ts';
import type { TokenMatch } from './token-match.ts';

/** Every port call takes a signal; an abort rejects with the signal's reason at once. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

export interface ModelRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** The answer must be JSON that this schema accepts; `true` = any JSON object. */
  readonly jsonSchema?: JsonObject | true;
  /** The schema's name and unknown wire fields beside it (`strict` …), where the caller gave them. */
  readonly schemaWire?: { readonly name: string; readonly extra?: JsonObject };
  readonly sampling: Sampling;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  /** Alternatives per token, 0 … 20; absent = no log-probabilities wanted. */
  readonly logprobs?: number;
  /** False = at most one tool call per answer; absent = the model decides. */
  readonly parallelToolCalls?: boolean;
  /** Unknown wire fields, for remote models of the same dialect. */
  readonly extra?: JsonObject;
  /** Anthropic's test features, for a remote model of that dialect. */
  readonly betas?: readonly string[];
  /** The dialect of `extra`; `openai` when absent. */
  readonly dialect?: Dialect;
}

export type ModelEvent =
  | { readonly type: 'loading'; readonly progress: number }
  | {
      readonly type: 'prompt-read';
      readonly promptTokens: number;
      readonly cachedTokens: number;
      readonly ms: number;
    }
  | { readonly type: 'text'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
  /** Thought before or between text; `signature` and `redacted` as in `ContentPart`. */
  | {
      readonly type: 'thinking';
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
    }
  | {
      readonly type: 'tool-call';
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
      /** Fields of OpenAI's dialect that the house does not know. */
      readonly extra?: JsonObject;
    }
  /** Why the model does not answer, from servers that tell it apart from an answer. */
  | { readonly type: 'refusal'; readonly text: string }
  /** Exactly once and last; a stream that ends without it was cut. */
  | {
      readonly type: 'ended';
      readonly finishReason: FinishReason;
      /** The stop sequence that ended the answer, where one did and the model says so. */
      readonly stopSequence?: string;
      readonly usage: TokenUsage;
      readonly promptMs: number;
      readonly generationMs: number;
      /** Of a local model: threads of its steps, on average. */
      readonly threads?: number;
      /** Of a classifier: none of its labels fits. */
      readonly isNone?: true;
    };

/** Something that answers a conversation: a local process or a remote server. */
export interface Model {
  readonly id: string;
  doChat(
    request: ModelRequest,
    options: CallOptions & { readonly permit?: Permit },
  ): AsyncIterable<ModelEvent>;
  /**
   * The same model as an adapter changes it, for the time of the same lease. Reads the same tokens.
   * The adapter's head was checked against this model's.
   */
  adapted?(adapter: AdapterFile): Model;
  /** Tokens of the prompt by the model's own tokenizer; only where that costs nothing. */
  doCount?(request: ModelRequest, options: CallOptions): Promise<number>;
  /**
   * Sends the caller's own body with another model's name and hands the answer to the wish's sink;
   * what is left to tell is `ended`. A server that answers in another form than it was asked for
   * gives the events of `doChat`. Undefined where the server would not take the body as it is.
   */
  doRelay?(
    wish: RelayWish,
    options: CallOptions & { readonly permit?: Permit },
  ): AsyncIterable<ModelEvent> | undefined;
}

/** Calls the same pipeline one level deeper. */
export interface Delegate {
  doAsk(child: DelegatedRequest, options: CallOptions): AsyncIterable<CadreEvent>;
}

export interface DelegatedRequest {
  readonly request: ChatRequest;
  /** The messages are the whole prompt: no words are added, nothing is searched, no answer shared. */
  readonly bare?: true;
  /** What the messages quote: it is answered only while all of that is in force. */
  readonly standsOn?: readonly DocumentEdition[];
  /** US dollars the child may spend at most. */
  readonly budgetLeft?: number;
}

export interface Embedder extends Partial<TokenMatch> {
  readonly id: string;
  readonly dimensions: number;
  /** Unit vectors of `dimensions` floats, one per text, in order. */
  doEmbed(
    texts: readonly string[],
    kind: 'query' | 'passage',
    options: CallOptions,
  ): Promise<Float32Array[]>;
}

/** A trained classifier that is always resident. */
export interface Classifier {
  readonly id: string;
  readonly labels: readonly string[];
  /** Of a specialist: which version it is, and what was measured of it. */
  readonly made?: Measured & { readonly version: string };
  doClassify(text: string, options: CallOptions): Promise<Classification>;
}

/** One way to get a model file. */
export interface ModelSource {
  /** The scheme it serves: `hf`, `npm` … */
  readonly scheme: string;
  /**
   * Puts the file's bytes at `target` (resuming what is there when it can). `onBytes` gets the
   * total bytes on disk so far. Rejects with `source_failed` naming what is missing.
   */
  doFetch(
    source: string,
    file: ModelFile,
    target: string,
    options: CallOptions & { readonly onBytes: (bytes: number) => void },
  ): Promise<void>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never goes back. */
  elapsed(): number;
}

export interface Random {
  /** `count` random characters of [a-z0-9]. */
  id(count: number): string;
}

/** A run of text with its place in a document; the parser's product. */
export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'list-item' | 'table-row' | 'code';
  readonly text: string;
  /** Character offsets [start, end) in `ParsedDocument.text`. */
  readonly start: number;
  readonly end: number;
  readonly headings: readonly string[];
  /** 1-based; of paged documents. */
  readonly page?: number;
  /** 1-based line of the first character; of text files. */
  readonly line?: number;
  /** Of a table row whose table has headers: its cells that are not empty, in order. */
  readonly cells?: readonly TableCell[];
}

/** One cell of a table row with what heads it. */
export interface TableCell {
  /** Character offsets [start, end) in `ParsedDocument.text`, inside the row's block. */
  readonly start: number;
  readonly end: number;
  /** Empty when nothing heads the cell. */
  readonly header: string;
}

/**
 * Where a line of a page's text stands, for marking it. Lengths are shares of the page's width and
 * height, 0 … 1; the origin is the upper left corner of the page as it is shown.
 */
export interface PageLine {
  /** Character offsets [start, end) in `ParsedDocument.text`. */
  readonly start: number;
  readonly end: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DocumentPage {
  /** 1-based. */
  readonly number: number;
  /** Points (1/72 inch) for PDF, pixels for pictures. */
  readonly width: number;
  readonly height: number;
  /** In the order of the text. */
  readonly lines: readonly PageLine[];
}

/** What a reader of the document should know about how it was read. */
export type ReadingFlag = 'read-by-ocr' | 'cut-short' | 'hidden-text';

export interface ParsedDocument {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Of documents whose text has a place on a page. */
  readonly pages?: readonly DocumentPage[];
  /**
   * `read-by-ocr`: some text was recognised from pictures and may be wrong; `cut-short`: limits
   * were met and the rest was left out; `hidden-text`: text that nobody sees was left out.
   */
  readonly flags?: readonly ReadingFlag[];
}

/** Reads one untrusted file in a child process with limits. Rejects with `document_unreadable`. */
export interface Parser {
  doParse(file: string, options: CallOptions): Promise<ParsedDocument>;
}

/** A model that is loaded for the time of one request. */
export interface ModelLease {
  readonly model: Model;
  release(): void;
}

/** What the fleet needs to start a model's process. */
export interface ModelLoader {
  /** Bytes that the model will take, before it is loaded. */
  doEstimate(entry: ModelEntry, contextLength: number): Promise<number>;
  doLoad(
    entry: ModelEntry,
    options: CallOptions & {
      readonly onProgress: (progress: number) => void;
      readonly onExit: (reason: string) => void;
      /** `memoryBytes` is another one now. */
      readonly onMemory?: () => void;
    },
  ): Promise<LoadedModel>;
}

export interface LoadedModel {
  readonly model: Model;
  /** Measured after loading, and again when adapters came or left. */
  readonly memoryBytes: number;
  readonly loadMs: number;
  /** Adapters in memory; absent = it takes none. */
  readonly adapterCount?: number;
  doUnload(): Promise<void>;
}
