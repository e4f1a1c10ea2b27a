import type { ChatRequest } from '../core/chat.ts';
import type { Config } from '../core/config.ts';
import type { DestinationVerdict, PolicyVerdict } from '../core/decision.ts';
import { isCleared, isLabel, type Label } from '../core/label.ts';
import { type LabelFinding, labelRequest } from './label.ts';

export interface VerdictInput {
  readonly request: ChatRequest;
  readonly declared?: Label;
  readonly collectionLabel?: Label;
  readonly config: Pick<Config, 'policy' | 'destinations'>;
}

type Destination = Config['destinations'][number];

export const LOCAL = 'local';

/**
 * Which destinations may see a request: this machine always, another one when its clearance covers
 * the label. Never throws: a request that cannot be labelled counts as secret.
 */
export function judgeRequest(input: VerdictInput): PolicyVerdict {
  const { label, reasons } = labelOrSecret(input);
  const local = { destination: LOCAL, allowed: true, reason: 'nothing leaves this machine' };
  const { destinations } = input.config;
  const remote = destinations.map((one) => judgeDestination(one, label, destinations));
  return { label, labelReasons: reasons, destinations: [local, ...remote] };
}

function labelOrSecret(input: VerdictInput): LabelFinding {
  try {
    return labelRequest({ ...input, config: input.config.policy });
  } catch {
    return {
      label: 'secret',
      reasons: ['the request could not be read for its label, so it counts as secret'],
    };
  }
}

function judgeDestination(
  { id, clearance }: Destination,
  label: Label,
  all: readonly Destination[],
): DestinationVerdict {
  const judged = (allowed: boolean, reason: string) => ({ destination: id, allowed, reason });
  if (id === LOCAL) return judged(false, `\`${LOCAL}\` names this machine and no destination`);
  if (all.filter((one) => one.id === id).length > 1)
    return judged(false, 'several destinations have this name');
  if (!isLabel(clearance) || !isLabel(label)) return judged(false, 'its clearance is no label');
  return isCleared(clearance, label)
    ? judged(true, `cleared for ${clearance}, which covers ${label}`)
    : judged(false, `cleared for ${clearance} only, the request is ${label}`);
}
