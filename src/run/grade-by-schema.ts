import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { Classification } from '../core/classification.ts';
import { CadreError } from '../core/errors.ts';

type Grade = NonNullable<Classification['grade']>;

/** What a schema may call how sure the number is. */
const CONFIDENCE = /^(confidence|certainty|probability|sureness)$/i;

/**
 * A specialist's number in the shape of the request's schema: the number itself, or an object whose first
 * number property it is (a property `confidence` gets how sure it is). Whole numbers and choices get the
 * nearest. Throws `invalid_request` where something else must be there, or the number must not.
 */
export function gradeBySchema(grade: Grade, confidence: number, schema: JsonObject): JsonValue {
  if (isNumber(schema)) return numberFor(schema, grade);
  const properties = Object.entries(objectOf(schema['properties'])).map(
    ([name, node]) => [name, objectOf(node)] as const,
  );
  if (properties.length === 0) return { score: grade.value, confidence };
  const numbers = properties.filter(([, node]) => isNumber(node)).map(([name]) => name);
  const place = numbers.find((name) => !CONFIDENCE.test(name)) ?? numbers[0];
  if (place === undefined) throw refusal('the schema has no place for a number');
  const { required } = schema;
  return Object.fromEntries(
    properties.flatMap(([name, node]): [string, JsonValue][] => {
      if (name === place) return [[name, numberFor(node, grade)]];
      if (isNumber(node) && CONFIDENCE.test(name)) return [[name, confidence]];
      if (allows(node, 'null')) return [[name, null]];
      if (!Array.isArray(required) || !required.includes(name)) return [];
      throw refusal(`the schema asks for \`${name}\` beside the number`);
    }),
  );
}

function numberFor(node: JsonObject, { value, nearest }: Grade): number {
  const choices = choicesOf(node);
  if (choices.length > 0)
    return choices.reduce((best, one) =>
      Math.abs(one - value) < Math.abs(best - value) ? one : best,
    );
  const given = allows(node, 'number') ? value : Math.round(nearest);
  const { minimum, maximum } = node;
  if (
    (typeof minimum === 'number' && given < minimum) ||
    (typeof maximum === 'number' && given > maximum)
  )
    throw refusal(`its number is ${given}, which the schema does not allow`);
  return given;
}

function isNumber(node: JsonObject): boolean {
  return allows(node, 'number') || allows(node, 'integer') || choicesOf(node).length > 0;
}

function choicesOf(node: JsonObject): readonly number[] {
  const { enum: choices } = node;
  return Array.isArray(choices) ? choices.filter((one) => typeof one === 'number') : [];
}

function allows({ type }: JsonObject, wanted: string): boolean {
  return Array.isArray(type) ? type.includes(wanted) : type === wanted;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function refusal(words: string): CadreError {
  return new CadreError('invalid_request', `this specialist answers with a number: ${words}`, {
    param: 'response_format',
  });
}
