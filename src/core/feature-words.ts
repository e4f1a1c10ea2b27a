/** How each number that the gate takes of a request is told; those that are not worth a word are not. */
const WORDS: Readonly<Record<string, (value: number) => string | undefined>> = {
  words: (value) => counted(value, 'word'),
  questionForm: (value) => (value > 0 ? 'begins as a question' : undefined),
  questionMarks: (value) => (value > 0 ? counted(value, 'question mark') : undefined),
  options: (value) => (value > 1 ? `${value} answer options` : undefined),
  numbers: (value) => (value > 0 ? counted(value, 'number') : undefined),
  codeMarks: (value) => (value >= 0.02 ? `brackets and the like ${percent(value)}` : undefined),
  mathMarks: (value) => (value > 2 ? `${value} marks of formulas` : undefined),
  steps: (value) => (value > 1 ? `${value} listed lines` : undefined),
  jobs: (value) => (value > 1 ? `${value} kinds of orders` : undefined),
  numberedJobs: (value) => (value > 1 ? `${value} numbered orders` : undefined),
  foreignLetters: (value) => (value >= 0.05 ? `letters beyond ASCII ${percent(value)}` : undefined),
  turns: (value) => (value > 1 ? `${value} messages` : undefined),
  tools: (value) => (value > 0 ? counted(value, 'tool') : undefined),
  schema: (value) => (value > 0 ? 'an answer in JSON' : undefined),
  images: (value) => (value > 0 ? counted(value, 'image') : undefined),
};

/** What the gate saw of a request beside its words: `12 words`, `4 answer options`, `brackets and the like 6 %`. */
export function featureWords(features: Readonly<Record<string, number>>): string[] {
  return Object.entries(WORDS).flatMap(([name, tell]) => {
    const value = features[name];
    return value === undefined ? [] : (tell(value) ?? []);
  });
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
