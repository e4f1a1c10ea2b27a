/** The farm's own sentences name spokes and commands in backticks. */
export function InlineCode({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence keep their places
      <code key={index} className="rounded bg-muted px-1 text-[0.9em] wrap-anywhere">
        {part}
      </code>
    ),
  );
}
