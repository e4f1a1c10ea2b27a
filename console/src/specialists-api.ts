import type { LabelQueue } from '../../src/core/labelling.ts';
import type { SpecialistLineage } from '../../src/core/specialist.ts';
import type { TrainingStanding } from '../../src/core/training-job.ts';
import { deleteJson, getJson, postJson } from './api.ts';

const BASE = '/cadre/v1';

export async function loadSpecialists(): Promise<readonly SpecialistLineage[]> {
  return (await getJson<{ specialists: SpecialistLineage[] }>(`${BASE}/specialists`)).specialists;
}

export type SpecialistAct = 'promote' | 'rollback' | 'retire';

export interface ActWish {
  /** Absent for a rollback, and where the whole name is meant. */
  readonly version?: number;
  /** Kept in the lineage. */
  readonly reason?: string;
  /** Promote against the comparison with the live version. */
  readonly force?: boolean;
  /** Promote to a trial on a small share of the requests, which decides. */
  readonly canary?: boolean;
  /** Let it answer unseen what the live version has answered. */
  readonly shadow?: boolean;
}

export const moveSpecialist = (name: string, act: SpecialistAct, wish: ActWish) =>
  postJson<{ specialist: SpecialistLineage }>(
    `${BASE}/specialists/${encodeURIComponent(name)}/${act}`,
    wish,
  );

export async function loadTrainingJobs(): Promise<readonly TrainingStanding[]> {
  return (await getJson<{ jobs: TrainingStanding[] }>(`${BASE}/training-jobs?limit=50`)).jobs;
}

export const cancelTrainingJob = (id: string) =>
  postJson(`${BASE}/training-jobs/${encodeURIComponent(id)}/cancel`, {});

export async function loadLabelQueue(name: string): Promise<LabelQueue> {
  return (await postJson<{ queue: LabelQueue }>(`${BASE}/label-queue`, { name })).queue;
}

export const giveLabel = (name: string, row: string, label: string, isNew: boolean) =>
  postJson(`${BASE}/labels`, { name, row, label, ...(isNew ? { isNew } : {}) });

export const takeLabelBack = (name: string, row: string) =>
  deleteJson(`${BASE}/labels?${new URLSearchParams({ name, row })}`);
