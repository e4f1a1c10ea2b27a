import { fitTemperature } from '../base/calibration.ts';
import { seededRandom } from '../base/random.ts';
import { trainSoftmax } from '../base/softmax.ts';
import { scoreSoftmax } from '../base/softmax-scores.ts';
import { type Span, type SpanTagger, tokenFeatures, tokensOf } from '../base/span-tagger.ts';

export interface SpanRow {
  readonly text: string;
  /** In order, without overlap. */
  readonly spans: readonly Span[];
}

export interface TaggerInput {
  readonly rows: readonly SpanRow[];
  /** Sorted. */
  readonly labels: readonly string[];
  readonly seed: number;
  readonly source: string;
  /** Rows that are not taught, on which probabilities are set right; absent = they stay as they are. */
  readonly unseen?: readonly SpanRow[];
  /** In the place of measuring it. */
  readonly temperature?: number;
}

const EPOCHS = 8;
const LEARNING_RATE = 0.5;
const DROPOUT = 0.3;
/** Share of the words of which a second reading of each row sees the shape alone. */
const HIDDEN = 0.4;
const COLUMNS_MOST = 200_000;

/** One row per token, its tag as class; the same input gives the same bytes. */
export function trainSpanTagger(input: TaggerInput): SpanTagger {
  const { rows, labels, seed, source, unseen = [] } = input;
  const random = seededRandom(seed);
  const plain = tagged(rows, labels);
  const hidden = tagged(rows, labels, () => random() < HIDDEN);
  const vectors = [...plain.vectors, ...hidden.vectors];
  const classes = Int32Array.from([...plain.classes, ...hidden.classes]);
  const tags = trainSoftmax(vectors, classes, {
    classCount: 1 + 2 * labels.length,
    seed,
    epochs: EPOCHS,
    learningRate: LEARNING_RATE,
    dropout: DROPOUT,
    columnLimit: COLUMNS_MOST,
  });
  const held = tagged(unseen, labels);
  const temperature =
    input.temperature ??
    fitTemperature(
      held.vectors.map((vector) => scoreSoftmax(tags, vector).scores),
      held.classes,
    );
  return { labels, tags, temperature, source };
}

function tagged(rows: readonly SpanRow[], labels: readonly string[], isHidden?: () => boolean) {
  const places = new Map(labels.map((label, at) => [label, at]));
  const vectors: ReturnType<typeof tokenFeatures> = [];
  const classes: number[] = [];
  for (const { text, spans } of rows) {
    const tokens = tokensOf(text);
    vectors.push(...tokenFeatures(text, tokens, isHidden));
    let at = 0;
    for (const token of tokens) {
      while ((spans[at]?.end ?? Number.POSITIVE_INFINITY) <= token.start) at += 1;
      const span = spans[at];
      const label = span === undefined ? undefined : places.get(span.label);
      const isInside = span !== undefined && span.start < token.end && label !== undefined;
      classes.push(!isInside ? 0 : 1 + 2 * label + (token.start <= span.start ? 0 : 1));
    }
  }
  return { vectors, classes: Int32Array.from(classes) };
}
