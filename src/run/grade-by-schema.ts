import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { Classification } from '../core/classification.ts';
import { CadreError } from '../core/errors.ts';
import {
  allowsType,
  asksForSureness,
  isRequired,
  numberPlace,
  numbersOf,
  propertiesOf,
  takesNumber,
} from '../core/number-schema.ts';

type Grade = NonNullable<Classification['grade']>;

/**
 * A specialist's number in the shape of the request's schema: the number itself, or an object whose first
 * number property it is (a property `confidence` gets how sure it is). Whole numbers and choices get the
 * nearest. Throws `invalid_request` where something else must be there, or the number must not.
 */
export function gradeBySchema(grade: Grade, confidence: number, schema: JsonObject): JsonValue {
  if (takesNumber(schema)) return numberFor(schema, grade);
  const properties = propertiesOf(schema);
  if (properties.size === 0) return { score: grade.value, confidence };
  const place = numberPlace(schema);
  if (place === undefined) throw refusal('the schema has no place for a number');
  return Object.fromEntries(
    [...properties].flatMap(([name, node]): [string, JsonValue][] => {
      if (name === place) return [[name, numberFor(node, grade)]];
      if (takesNumber(node) && asksForSureness(name)) return [[name, confidence]];
      if (allowsType(node, 'null')) return [[name, null]];
      if (!isRequired(schema, name)) return [];
      throw refusal(`the schema asks for \`${name}\` beside the number`);
    }),
  );
}

function numberFor(node: JsonObject, { value, nearest }: Grade): number {
  const choices = numbersOf(node);
  if (choices.length > 0)
    return choices.reduce((best, one) =>
      Math.abs(one - value) < Math.abs(best - value) ? one : best,
    );
  const given = allowsType(node, 'number') ? value : Math.round(nearest);
  const { minimum, maximum } = node;
  if (
    (typeof minimum === 'number' && given < minimum) ||
    (typeof maximum === 'number' && given > maximum)
  )
    throw refusal(`its number is ${given}, which the schema does not allow`);
  return given;
}

function refusal(words: string): CadreError {
  return new CadreError('invalid_request', `this specialist answers with a number: ${words}`, {
    param: 'response_format',
  });
}
