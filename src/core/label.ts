/** How sensitive data is, from harmless to most sensitive. A destination may receive what its clearance covers. */
export const LABELS = ['public', 'internal', 'personal', 'secret'] as const;
export type Label = (typeof LABELS)[number];

const RANK: Readonly<Record<Label, number>> = { public: 0, internal: 1, personal: 2, secret: 3 };

/** True when a destination cleared for `clearance` may receive data labelled `label`. */
export function isCleared(clearance: Label, label: Label): boolean {
  return RANK[label] <= RANK[clearance];
}

/** The more sensitive of two labels. */
export function stricterLabel(a: Label, b: Label): Label {
  return RANK[a] >= RANK[b] ? a : b;
}

export function isLabel(value: unknown): value is Label {
  return typeof value === 'string' && value in RANK;
}
