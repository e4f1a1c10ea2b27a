import type { PolicyVerdict } from '../core/decision.ts';
import { judgeRequest } from '../policy/verdict.ts';
import { namedCollection } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** Labels the request and says which destinations may see it. */
export function judge(parts: PipelineParts, life: Life): PolicyVerdict {
  const { call } = life;
  const collection = namedCollection(call.request.model, call.collection);
  return judgeRequest({
    request: call.request,
    config: parts.config,
    ...(call.labelDeclared ? { declared: call.labelDeclared } : {}),
    ...(collection ? { collectionLabel: parts.collectionLabel(collection) } : {}),
  });
}
