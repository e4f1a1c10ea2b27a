import { LOOPBACK } from '../../src/core/call.ts';
import { type ChatRequest, type TokenLogprob, textPart } from '../../src/core/chat.ts';
import type { Passage } from '../../src/core/evidence.ts';
import { groundedMessages, readingMessages } from '../../src/run/grounded-prompt.ts';
import { readVerdict, VERDICT_ALTERNATIVES } from '../../src/run/reading-verdict.ts';
import type { AnswerFarm } from './answer-farm.ts';
import type { DecliningQuestion } from './declining-questions.ts';
import type { DecliningRow } from './declining-rows.ts';
import { DAY_MS } from './live-request.ts';

/** The spoke that answers, and its model. */
const SPOKE = 'grounded-large';
const MODEL = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const MOST_TOKENS = 200;

let count = 0;

/** Asks the farm, and takes down what was found, read and said, whatever the checks made of it. */
export async function askRow(
  { farm, model }: AnswerFarm,
  question: DecliningQuestion,
  condition: DecliningRow['condition'],
  collection: string,
): Promise<DecliningRow> {
  const start = performance.now();
  const request: ChatRequest = {
    model: SPOKE,
    messages: [{ role: 'user', content: textPart(question.question) }],
    sampling: { temperature: 0 },
  };
  count += 1;
  const call = {
    id: `req_${String(count).padStart(24, '0')}`,
    request,
    caller: LOOPBACK,
    deadline: Date.now() + DAY_MS,
    depth: 0,
    cache: 'off' as const,
    whole: true,
    collection,
  };
  const passages: Passage[] = [];
  for await (const event of farm.ask(call, AbortSignal.timeout(DAY_MS))) {
    if (event.type === 'source-found') passages.push(event.passage);
    if (event.type === 'request-failed') throw new Error(`${question.id}: ${event.message}`);
  }
  const said = async (messages: ChatRequest['messages'], maxTokens: number) => {
    const asked = { messages, sampling: { temperature: 0 }, maxTokens };
    const logprobs: TokenLogprob[] = [];
    let text = '';
    for await (const event of model(MODEL).doChat(
      { ...asked, logprobs: VERDICT_ALTERNATIVES },
      { signal: AbortSignal.timeout(DAY_MS) },
    ))
      if (event.type === 'text') {
        text += event.text;
        logprobs.push(...(event.logprobs ?? []));
      }
    return { text, logprobs };
  };
  const reading = readVerdict(
    (await said(readingMessages(request.messages, passages), 1)).logprobs,
  );
  const { text, logprobs } = await said(groundedMessages(request.messages, passages), MOST_TOKENS);
  return {
    id: question.id,
    condition,
    passages,
    ...(reading === undefined ? {} : { reading }),
    ...(logprobs[0] === undefined ? {} : { confidence: logprobs[0].logprob }),
    text,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}
