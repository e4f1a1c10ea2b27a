/** What a reader should know about how a text was read; other flags stand for themselves. */
const MEANINGS: Readonly<Record<string, string>> = {
  'read-by-ocr': 'Some of its text was recognised from pictures and may be wrong.',
  'cut-short': 'Limits were met; the rest of it was left out.',
  'hidden-text': 'Text that nobody sees was left out.',
  'overrides-instructions': 'It tells a model to ignore its instructions. It is data all the same.',
  'assigns-role': 'It tells a model to play a role. It is data all the same.',
  'asks-for-secrets': 'It asks a model for secrets. It is data all the same.',
  'chat-markup': 'It contains the markup of a conversation with a model. It is data all the same.',
};

export function DocumentFlags({ flags }: { readonly flags: readonly string[] }) {
  if (flags.length === 0) return null;
  return (
    <span className="mt-0.5 flex flex-wrap gap-1" data-testid="flags">
      {flags.map((flag) => (
        <span
          key={flag}
          title={MEANINGS[flag]}
          className="rounded-full bg-caution-soft px-2 py-0.5 text-xs font-normal text-caution"
        >
          {flag}
        </span>
      ))}
    </span>
  );
}
