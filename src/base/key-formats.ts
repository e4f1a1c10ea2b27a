/** Keys that vendors mark with a prefix; lengths without the prefix. */
export interface KeyFormat {
  readonly prefix: string;
  readonly characters: 'upper' | 'mixed' | 'token';
  readonly least: number;
  readonly most?: number;
}

export const KEY_FORMATS: readonly KeyFormat[] = [
  { prefix: 'AKIA', characters: 'upper', least: 16, most: 16 },
  { prefix: 'ASIA', characters: 'upper', least: 16, most: 16 },
  { prefix: 'AIza', characters: 'token', least: 35, most: 35 },
  { prefix: 'ghp_', characters: 'mixed', least: 36 },
  { prefix: 'gho_', characters: 'mixed', least: 36 },
  { prefix: 'ghu_', characters: 'mixed', least: 36 },
  { prefix: 'ghs_', characters: 'mixed', least: 36 },
  { prefix: 'ghr_', characters: 'mixed', least: 36 },
  { prefix: 'github_pat_', characters: 'token', least: 22 },
  { prefix: 'glpat-', characters: 'token', least: 20 },
  { prefix: 'sk-proj-', characters: 'token', least: 20 },
  { prefix: 'sk-ant-', characters: 'token', least: 20 },
  { prefix: 'sk-or-', characters: 'token', least: 20 },
  { prefix: 'sk-', characters: 'mixed', least: 20 },
  { prefix: 'sk_live_', characters: 'mixed', least: 16 },
  { prefix: 'rk_live_', characters: 'mixed', least: 16 },
  { prefix: 'xoxb-', characters: 'token', least: 20 },
  { prefix: 'xoxp-', characters: 'token', least: 20 },
  { prefix: 'xoxa-', characters: 'token', least: 20 },
  { prefix: 'xoxs-', characters: 'token', least: 20 },
  { prefix: 'hf_', characters: 'mixed', least: 30 },
  { prefix: 'npm_', characters: 'mixed', least: 36, most: 36 },
  { prefix: 'pypi-', characters: 'token', least: 50 },
  { prefix: 'gsk_', characters: 'mixed', least: 40 },
  { prefix: 'cadre_', characters: 'mixed', least: 40, most: 40 },
];
