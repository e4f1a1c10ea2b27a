import { useEffect, useState } from 'react';

/** Copies where the browser lets pages do so, which plain HTTP beyond loopback does not. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard === undefined) return false;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

interface Props {
  readonly text: string;
  readonly label: string;
  readonly className?: string;
}

export function CopyButton({ text, label, className = '' }: Props) {
  const [outcome, setOutcome] = useState<string>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <button
      type="button"
      aria-live="polite"
      onClick={() =>
        void copyText(text).then((done) =>
          setOutcome(done ? 'Copied' : 'Select the text to copy it'),
        )
      }
      className={`rounded-md px-1.5 py-0.5 text-xs text-muted-foreground hover:text-primary ${className}`}
    >
      {outcome ?? label}
    </button>
  );
}
