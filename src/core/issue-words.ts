import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
};

/** What a value that a schema refused has to be, in our words: `must be a number`. */
export function issueWords(issue: Issue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `must be ${bound(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'above' : 'at least')}`;
    case 'too_big':
      return `must be ${bound(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'below' : 'at most')}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))}`;
    case 'unrecognized_keys':
      return 'is not known here';
    default:
      return issue?.message ?? 'is not right';
  }
}

function bound(origin: string, figure: number, relation: string): string {
  if (origin === 'string')
    return `${relation} ${figure} ${figure === 1 ? 'character' : 'characters'} long`;
  if (origin === 'array') return `a list of ${relation} ${figure}`;
  return `${relation} ${figure}`;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
}
