import { splitSentences } from '../../src/base/sentences.ts';
import { readData, readJsonLines } from './data.ts';

/** A statement, the sentences it should stand on, and whether people say that it does. */
export interface SupportRow {
  readonly set: string;
  readonly claim: string;
  readonly evidence: readonly string[];
  readonly supported: boolean;
  /** People say that the evidence says the opposite. */
  readonly contradicted?: boolean;
  /** Indices of sentences that carry the claim. */
  readonly gold?: readonly number[];
}

/** WiCE (Kamoi et al., 2023): supported against partially and not supported. */
function readWice(): SupportRow[] {
  return readJsonLines<{
    label: string;
    claim: string;
    evidence: string[];
    supporting_sentences: number[][];
  }>('grounding', 'wice-claim-dev.jsonl.gz').map((row) => ({
    set: 'wice',
    claim: row.claim,
    evidence: row.evidence,
    supported: row.label === 'supported',
    gold: [...new Set(row.supporting_sentences.flat())],
  }));
}

/** BEGIN (Dziri et al., 2022): fully attributable against the rest, generic answers left out. */
function readBegin(): SupportRow[] {
  return ['cmu', 'tc', 'wow'].flatMap((part) => {
    const [heading = '', ...lines] = readData('grounding', `begin-dev-${part}.tsv.gz`).split(
      /\r?\n/,
    );
    const names = heading.split('\t');
    const column = (name: string) => names.indexOf(name);
    return lines
      .map((line) => line.split('\t'))
      .filter((fields) => fields.length === names.length)
      .filter((fields) => fields[column('begin_label')] !== 'Generic')
      .map((fields) => ({
        set: 'begin',
        claim: fields[column('response')] ?? '',
        evidence: splitSentences(fields[column('knowledge')] ?? '').map((one) => one.text),
        supported: (fields[column('begin_label')] ?? '').startsWith('Fully'),
      }));
  });
}

/** SciFact (Wadden et al., 2020): claims against the abstract they were paired with. */
function readScifact(): SupportRow[] {
  const documents = new Map(
    readJsonLines<{ _id: string; title: string; text: string }>(
      'retrieval',
      'scifact-train',
      'corpus.jsonl.gz',
    ).map((row) => [row._id, row]),
  );
  return readJsonLines<{ claim: string; doc: string; label: string }>(
    'grounding',
    'scifact-train.jsonl.gz',
  ).flatMap((row) => {
    const document = documents.get(row.doc);
    if (!document) return [];
    return {
      set: 'scifact',
      claim: row.claim,
      evidence: [document.title, ...splitSentences(document.text).map((one) => one.text)],
      supported: row.label === 'SUPPORT',
      contradicted: row.label === 'CONTRADICT',
    };
  });
}

/** QAGS (Wang et al., 2020): sentences of summaries; the majority of three readers decides. */
function readQags(): SupportRow[] {
  return readJsonLines<{
    article: string;
    summary_sentences: { sentence: string; responses: { response: string }[] }[];
  }>('grounding', 'qags-cnndm.jsonl.gz').flatMap((row) => {
    const evidence = splitSentences(row.article).map((one) => one.text);
    return row.summary_sentences.map(({ sentence, responses }) => ({
      set: 'qags',
      claim: sentence,
      evidence,
      supported: responses.filter((one) => one.response === 'yes').length * 2 > responses.length,
    }));
  });
}

export function readSupportRows(): SupportRow[] {
  return [...readWice(), ...readBegin(), ...readScifact(), ...readQags()].filter(
    (row) => row.claim.trim() !== '' && row.evidence.length > 0,
  );
}
