import type { ModelName } from '../../core/farm.ts';

/** A name as Anthropic's clients read a model. */
export function printModelInfo(name: ModelName) {
  return {
    type: 'model' as const,
    id: name.id,
    display_name: name.description === '' ? name.id : name.description,
    created_at: new Date(name.created * 1000).toISOString(),
  };
}

/** All names in one page. */
export function printModelPage(names: readonly ModelName[]) {
  const data = names.map(printModelInfo);
  return {
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
