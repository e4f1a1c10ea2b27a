import type { ChatRequest } from '../core/chat.ts';
import { REWRITE_TOKENS, rewriteMessages } from '../run/rewrite-prompt.ts';
import { JUDGEMENT_ALTERNATIVES, readJudgement, supportQuestion } from '../run/support-question.ts';
import type { CheckedReleaseOptions } from '../verify/release-piece.ts';
import { type Aside, askAside, mayAskAside, voicesOf } from './aside.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { estimateTokens } from './prompt-length.ts';

/** Share of the time that is left which one question about a sentence may take. */
const TIME_SHARE = 0.25;

/**
 * Who is asked about single sentences of an answer: a local model, through the pipeline, each time
 * with a receipt of its own, within the request's time and without a cent for others.
 */
export function sentenceHelp(
  { config }: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): Pick<CheckedReleaseOptions, 'secondLook' | 'rewrite'> {
  const { judge, judgeMost, unsupported } = config.verify;
  const look = async (sentence: string, nearest: readonly string[]) => {
    const messages = supportQuestion(sentence, nearest);
    const said = await ask(life, plan, {
      messages,
      maxTokens: 1,
      logprobs: JUDGEMENT_ALTERNATIVES,
    });
    return said && readJudgement(said.logprobs);
  };
  const rewrite = async (sentence: string, nearest: readonly string[]) => {
    const messages = rewriteMessages(sentence, nearest);
    return (await ask(life, plan, { messages, maxTokens: REWRITE_TOKENS }))?.text;
  };
  return {
    ...(judge === 'undecided' ? { secondLook: { look, most: judgeMost } } : {}),
    ...(unsupported === 'rewrite' ? { rewrite } : {}),
  };
}

/** Undefined where nobody can answer in time, or did. */
async function ask(
  life: Life,
  plan: AttemptPlan,
  asked: Omit<ChatRequest, 'model' | 'sampling'>,
): Promise<Aside | undefined> {
  const voice = voiceFor(life, plan);
  if (voice === undefined || !mayAskAside(life, plan)) return undefined;
  const request = { ...asked, model: voice.config.id, sampling: { temperature: 0 } };
  const patienceMs = life.leftMs * TIME_SHARE;
  if (needsMs(voice, request) > patienceMs) return undefined;
  return askAside(plan, request, { patienceMs, budgetLeft: 0 });
}

/** A local model that is there: the one that answers, whose turn costs no loading, else a resident one. */
function voiceFor(life: Life, { spoke }: AttemptPlan): SpokeRuntime | undefined {
  const voices = voicesOf(life.spokes).filter(
    ({ gate }) => gate.destination === 'local' && gate.installed && gate.healthy,
  );
  return (
    voices.find(({ gate }) => gate.modelId === spoke.gate.modelId) ??
    voices.find(({ gate }) => gate.resident) ??
    voices[0]
  );
}

/** Milliseconds of the whole answer, as the gate would reckon them. */
function needsMs({ gate }: SpokeRuntime, request: ChatRequest): number {
  const load = gate.resident ? 0 : gate.loadSeconds;
  const answer = (request.maxTokens ?? 1) * gate.secondsPerToken;
  return 1000 * (load + estimateTokens(request) * gate.secondsPerPromptToken + answer);
}
