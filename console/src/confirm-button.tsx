import { Dialog } from '@base-ui/react/dialog';

interface Props {
  readonly label: string;
  readonly title: string;
  /** What it means for the requests that come. */
  readonly words: string;
  readonly onConfirm: () => void;
}

const BUTTON = 'shrink-0 rounded-md border border-input px-2.5 py-1 text-xs font-medium';

/** A button for what changes who answers, after a second look. */
export function ConfirmButton({ label, title, words, onConfirm }: Props) {
  return (
    <Dialog.Root>
      <Dialog.Trigger className={`${BUTTON} hover:border-primary`}>{label}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-40 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-border bg-card p-5 outline-hidden">
          <Dialog.Title className="font-semibold">{title}</Dialog.Title>
          <Dialog.Description className="mt-2 text-sm text-muted-foreground">
            {words}
          </Dialog.Description>
          <div className="mt-4 flex justify-end gap-2">
            <Dialog.Close className={`${BUTTON} py-1.5 hover:border-primary`}>Cancel</Dialog.Close>
            <Dialog.Close
              onClick={onConfirm}
              className={`${BUTTON} border-primary bg-primary py-1.5 text-primary-foreground`}
            >
              {label}
            </Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
