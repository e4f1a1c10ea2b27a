interface Props {
  readonly hasDocuments: boolean;
  readonly onPick: (text: string) => void;
}

const EXAMPLES = [
  'Write a short thank-you note to a colleague',
  'Write a Python function that reverses a list',
  'What is 17 * 23?',
];

/** The empty chat: what this is, three things to try, how to bring in documents. */
export function Welcome({ hasDocuments, onPick }: Props) {
  return (
    <div className="m-auto max-w-xl text-center">
      <h1 className="text-2xl font-semibold">Ask the farm</h1>
      <p className="mt-3 text-muted-foreground">
        A farm keeps several small models, called spokes. Its gate sends each question to the
        cheapest spoke that is good enough, and shows with each answer how it came about.
      </p>
      <div className="mt-6 flex flex-wrap justify-center gap-2">
        {EXAMPLES.map((text) => (
          <button
            key={text}
            type="button"
            onClick={() => onPick(text)}
            className="rounded-full border border-input bg-card px-4 py-1.5 text-sm hover:border-primary"
          >
            {text}
          </button>
        ))}
      </div>
      <p className="mt-8 text-sm text-muted-foreground">
        {hasDocuments ? (
          <>
            To ask your documents, choose <Code>knowledge:NAME</Code> below. Every sentence of such
            an answer names its source.
          </>
        ) : (
          <>
            To ask your own documents, index a folder with{' '}
            <Code>npx cadre index FOLDER --name NAME</Code>; then <Code>knowledge:NAME</Code>{' '}
            appears in the list below.
          </>
        )}
      </p>
    </div>
  );
}

function Code({ children }: { readonly children: string }) {
  return <code className="rounded bg-muted px-1 py-0.5 text-xs whitespace-nowrap">{children}</code>;
}
