import { type ChatMessage, textPart } from '../core/chat.ts';
import type { PolicyVerdict } from '../core/decision.ts';
import { readableText } from '../core/evidence.ts';
import { judgeRequest } from '../policy/verdict.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/**
 * Labels what a spoke would see, the request and the evidence found for it, and says which
 * destinations may see that.
 */
export function judge(
  parts: PipelineParts,
  life: Life,
  evidence: Evidence | undefined,
): PolicyVerdict {
  const { request, labelDeclared } = life.call;
  const sentences = (evidence?.passages ?? []).flatMap((passage) =>
    passage.sentences.map(readableText),
  );
  const read: ChatMessage = {
    role: 'tool',
    toolCallId: 'evidence',
    content: textPart(sentences.join('\n')),
  };
  return judgeRequest({
    request:
      sentences.length === 0 ? request : { ...request, messages: [...request.messages, read] },
    config: parts.config,
    ...(labelDeclared ? { declared: labelDeclared } : {}),
    ...(evidence ? { collectionLabel: parts.collectionLabel(evidence.collection) } : {}),
  });
}
