import { Select } from '@base-ui/react/select';
import type { Choice, ChoiceGroup } from './choices.ts';

interface Props {
  readonly chosen: string;
  readonly groups: readonly ChoiceGroup[];
  readonly onChoose: (id: string) => void;
}

/** The names that can be asked, in groups; those that are not ready say why. */
export function ModelPicker({ chosen, groups, onChoose }: Props) {
  return (
    <Select.Root value={chosen} onValueChange={(id) => id !== null && onChoose(id)}>
      <Select.Trigger
        aria-label="Who answers"
        className="flex h-9 max-w-full min-w-0 items-center gap-2 rounded-lg border border-input bg-card px-3 text-sm hover:border-primary"
      >
        <Select.Value className="truncate font-medium" />
        <Select.Icon className="text-muted-foreground">
          <svg aria-hidden="true" width="10" height="6" viewBox="0 0 10 6" fill="none">
            <path d="m1 1 4 4 4-4" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner
          className="z-20 outline-hidden"
          side="top"
          align="start"
          sideOffset={6}
          alignItemWithTrigger={false}
        >
          <Select.Popup className="max-h-[min(36rem,var(--available-height))] w-88 max-w-[calc(100vw-2rem)] overflow-y-auto rounded-xl border border-border bg-card py-1 shadow-lg outline-hidden">
            {groups.map((group) => (
              <Select.Group key={group.title}>
                <Select.GroupLabel className="px-3 pt-2 pb-1 text-xs font-medium text-muted-foreground">
                  {group.title}
                </Select.GroupLabel>
                {group.choices.map((choice) => (
                  <Option key={choice.id} choice={choice} />
                ))}
              </Select.Group>
            ))}
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}

function Option({ choice }: { readonly choice: Choice }) {
  return (
    <Select.Item
      value={choice.id}
      disabled={choice.reason !== undefined}
      className="mx-1 grid grid-cols-[1fr_1rem] items-center gap-x-2 rounded-md px-2 py-1.5 text-sm outline-hidden select-none data-disabled:cursor-not-allowed data-highlighted:bg-muted"
    >
      <div className="min-w-0 [[data-disabled]_&]:opacity-60">
        <Select.ItemText className="font-semibold">{choice.id}</Select.ItemText>
        <p className="text-xs text-muted-foreground">{choice.description}</p>
      </div>
      <Select.ItemIndicator className="text-primary">✓</Select.ItemIndicator>
      {choice.reason !== undefined && (
        <p className="col-span-2 text-xs text-caution">Not ready: {choice.reason}</p>
      )}
    </Select.Item>
  );
}
