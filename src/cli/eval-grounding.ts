import { evaluateGrounding } from '../main.ts';
import { type Command, type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { type FarmEmbedding, openEmbedding } from './farm-embedding.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { note, ProgressLine, print, printJson, safeLine } from './terminal.ts';

type GroundingEvaluation = Awaited<ReturnType<typeof evaluateGrounding>>['evaluation'];

/** `cadre eval grounding`: does the support check tell supported from unsupported sentences? */
export const groundingEvaluation: Command = {
  name: 'eval grounding',
  summary: 'does the support check tell supported from unsupported sentences?',
  usage: '--data FILE [--train FILE]',
  mostWords: 0,
  example: 'cadre eval grounding --data rows.jsonl --train taught.jsonl --json',
  flags: {
    data: {
      type: 'string',
      value: 'FILE',
      description: '{claim, evidence, label, gold?} as JSON lines (also .gz)',
    },
    train: { type: 'string', value: 'FILE', description: 'such rows to learn from' },
    fresh: {
      type: 'boolean',
      description: 'learn from these rows alone, without the scorer in force',
    },
    folds: {
      type: 'string',
      value: 'N',
      description: 'learn from --data too, in N folds by document',
    },
    certify: {
      type: 'string',
      value: 'A[,D]',
      description: 'from which score on are at most A unsupported (confidence 1 − D)?',
    },
    use: {
      type: 'boolean',
      description: 'put what was learned and certified in force in the home',
    },
    alone: {
      type: 'boolean',
      description: 'judge each sentence by itself, not by what is usual in --data',
    },
    words: { type: 'boolean', description: 'by words alone, without an embedder' },
    seed: { type: 'string', value: 'N', description: 'of folds and intervals (default 1)' },
    svg: { type: 'string', value: 'FILE', description: 'draw what is shown against its errors' },
  },
  async run(input) {
    const data = textFlag(input, 'data');
    if (data === undefined) throw new UsageError('name --data FILE');
    const svg = textFlag(input, 'svg');
    if (svg !== undefined) checkOutput('--svg', svg);
    const wish = wishOf(input, data);
    const progress = new ProgressLine();
    let embedding: FarmEmbedding | undefined;
    const isByWords = input.flags['words'] === true;
    try {
      const { evaluation, picture } = await evaluateGrounding({
        ...wish,
        async openEmbedding() {
          if (isByWords) return undefined;
          embedding = await openEmbedding(input);
          if (embedding === undefined) note('no embedder is ready: judged by words alone');
          return embedding;
        },
        onProgress: (done, all) => {
          if (!input.json) progress.update('read', done, all);
        },
      });
      progress.end();
      if (svg !== undefined) writeOutput(svg, picture);
      if (input.json) printJson({ evaluation: 'grounding', ...evaluation });
      else tell(evaluation, svg);
      return evaluation.uncertified === undefined ? 0 : 1;
    } finally {
      await embedding?.doClose();
    }
  },
};

function wishOf(input: CommandInput, data: string) {
  const train = textFlag(input, 'train');
  const folds = numberFlag(input, 'folds', { least: 2, most: 50, whole: true });
  const certify = promiseOf(textFlag(input, 'certify'));
  const isUsed = input.flags['use'] === true;
  if ((isUsed || certify !== undefined) && folds !== undefined)
    throw new UsageError('--certify and --use are about one scorer, --folds makes several');
  const isAlone = input.flags['alone'] === true;
  if (isUsed && isAlone && train === undefined && certify === undefined)
    throw new UsageError('--use with --alone needs --train or --certify');
  return {
    data,
    ...(train === undefined ? {} : { train }),
    ...(folds === undefined ? {} : { folds }),
    ...(certify === undefined ? {} : { certify }),
    isFresh: input.flags['fresh'] === true,
    isAlone,
    isUsed,
    seed: numberFlag(input, 'seed', { least: 0, most: 2 ** 31, whole: true }) ?? 1,
    threshold: 0.5,
  };
}

function promiseOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const [alpha = Number.NaN, delta = 0.1, ...more] = text.split(',').map(Number);
  const isShare = (value: number) => value > 0 && value < 1;
  if (!isShare(alpha) || !isShare(delta) || more.length > 0)
    throw new UsageError(`--certify takes one or two shares like 0.05 or 0.05,0.1, not “${text}”`);
  return { alpha, delta };
}

function tell(evaluation: GroundingEvaluation, svg: string | undefined): void {
  const { rows, supported, documents, learned, goldBase, spans, certified } = evaluation;
  print(`${rows} sentences on ${documents} bodies of evidence, ${supported} supported`);
  if (evaluation.genericLeftOut > 0) print(`${evaluation.genericLeftOut} generic ones left out`);
  if (learned !== undefined)
    print(
      `learned from ${learned.rows} more; ${learned.overlapLeftOut} left out, whose documents are scored here`,
    );
  const { usualOf, alone } = evaluation;
  print(
    usualOf === 0
      ? 'each sentence was judged by itself'
      : `what is usual here was read from ${usualOf} sentences without their labels (judged by itself each: balanced accuracy ${share(alone.balancedAccuracy)}, AUROC ${share(alone.auroc)})`,
  );
  print(
    `balanced accuracy ${range(evaluation.balancedAccuracy)} at P ≥ ${evaluation.threshold} · AUROC ${range(evaluation.auroc)} · F1 ${share(evaluation.f1)}`,
  );
  print(
    `calibration error at even odds ${share(evaluation.calibrationError)}; P → supported: ${evaluation.reliability
      .filter((bin) => bin.rows > 0)
      .map((bin) => `${bin.meanProbability.toFixed(2)} → ${bin.supported.toFixed(2)}`)
      .join(', ')}`,
  );
  if (goldBase !== undefined)
    print(`sentence numbers are counted from ${goldBase.first}: ${safeLine(goldBase.reason)}`);
  if (spans !== undefined)
    print(
      `supporting sentence among the first (${spans.rows} rows): 1 ${range(spans.hitAt1)} · 3 ${share(spans.hitAt3)} · 5 ${range(spans.hitAt5)}`,
    );
  print(`${evaluation.cpuMsPerSentence.toFixed(2)} ms CPU per sentence beside the embedder`);
  if (certified !== undefined)
    print(
      `certified: from ${certified.threshold} on at most ${percent(certified.alpha)} of the shown sentences unsupported, ${percent(1 - certified.delta)} confidence (${certified.unsupported} of ${certified.shown}, bound ${percent(certified.bound)}); ${percent(certified.shown / certified.rows)} are shown`,
    );
  if (evaluation.uncertified !== undefined)
    print(
      `no threshold keeps unsupported sentences at or below ${percent(evaluation.uncertified.alpha)}: more judged sentences, or a larger share, may help`,
    );
  if (evaluation.isUsed)
    print(
      'in force from the next start or reload of the farm; `ground.promise` asks for the certificate',
    );
  if (svg !== undefined) print(`picture: ${safeLine(svg)}`);
  print(`RESULT ${JSON.stringify({ evaluation: 'grounding', metrics: evaluation })}`);
}

function share(value: number): string {
  return value.toFixed(3);
}

function percent(value: number): string {
  return `${Number((100 * value).toFixed(1))} %`;
}

function range({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${share(value)} (${share(low)} … ${share(high)})`;
}
