import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { SpokeConfig } from '../../src/core/config.ts';
import type { ModelName } from '../../src/core/farm.ts';
import { loadModels, loadNames, loadSpokes } from './farm-api.ts';
import { formatShare } from './format.ts';

/** A name that can be asked, and why not now. */
export interface Choice {
  readonly id: string;
  readonly description: string;
  /** Absent when the name is ready. */
  readonly reason?: string;
}

export interface ChoiceGroup {
  readonly title: string;
  readonly choices: readonly Choice[];
}

const STORED = 'cadre.model';

/** The names of the farm for the picker, looked up again every five seconds. */
export function useChoices(): readonly ChoiceGroup[] {
  const names = useQuery({ queryKey: ['names'], queryFn: loadNames, refetchInterval: 5000 });
  const waiting = names.data?.some((name) => !name.ready) === true;
  const models = useQuery({
    queryKey: ['models'],
    queryFn: loadModels,
    enabled: waiting,
    refetchInterval: 5000,
  });
  const spokes = useQuery({ queryKey: ['spokes'], queryFn: loadSpokes, enabled: waiting });
  const choices = (names.data ?? []).map((name) => ({
    kind: groupOf(name),
    choice: choiceOf(name, models.data ?? [], spokes.data ?? []),
  }));
  return GROUPS.map((title) => ({
    title,
    choices: choices.filter((one) => one.kind === title).map((one) => one.choice),
  })).filter((group) => group.choices.length > 0);
}

const GROUPS = [
  'The gate decides',
  'Answers from your documents',
  'Plans and delegates',
  'One spoke, without the gate',
] as const;

function groupOf(name: ModelName): (typeof GROUPS)[number] | undefined {
  if (name.kind === 'embedder' || name.kind === 'reranker') return undefined;
  if (name.kind === 'knowledge') return 'Answers from your documents';
  if (name.kind === 'spoke') return 'One spoke, without the gate';
  return name.id === 'hub' ? 'Plans and delegates' : 'The gate decides';
}

function choiceOf(
  name: ModelName,
  models: readonly ModelStatus[],
  spokes: readonly SpokeConfig[],
): Choice {
  const { id, description } = name;
  if (name.ready) return { id, description };
  const spoke = spokes.find((one) => one.id === id);
  if (spoke === undefined || name.kind !== 'spoke')
    return { id, description, reason: 'no model for it is installed yet' };
  const model = models.find((one) => one.id === spoke.model);
  return { id, description, reason: reasonOf(model, spoke) };
}

function reasonOf(model: ModelStatus | undefined, spoke: SpokeConfig): string {
  switch (model?.state) {
    case undefined:
      return `${spoke.model} does not answer`;
    case 'absent':
      return `${model.id} is not installed`;
    case 'pulling':
      return `${model.id} is being fetched, ${formatShare(model.pulledBytes / model.fileBytes)}`;
    case 'damaged':
    case 'failed':
      return model.problem ?? `${model.id} is ${model.state}`;
    default:
      return spoke.kind === 'classifier' ? 'its examples are being learnt' : 'it is getting ready';
  }
}

/** The name asked for; it survives a reload where the browser keeps anything. */
export function useChosenModel(): readonly [string, (id: string) => void] {
  const [chosen, setChosen] = useState(() => {
    try {
      return localStorage.getItem(STORED) ?? 'auto';
    } catch {
      return 'auto';
    }
  });
  const choose = useCallback((id: string) => {
    setChosen(id);
    try {
      localStorage.setItem(STORED, id);
    } catch {
      // A browser that stores nothing forgets the choice; nothing else is lost.
    }
  }, []);
  return [chosen, choose];
}
