import { plainText } from '../policy/plain-text.ts';
import { mayHold } from '../policy/screens.ts';
import { findShape, type Shape, shapeTitle } from '../policy/shapes.ts';

const SHAPES: readonly Shape[] = ['email', 'phone', 'iban', 'card', 'ip', 'secret-key'];

/** What a text holds of a person or a secret, in words; by the scanners that label requests. */
export function personalParts(text: string): string[] {
  const plain = plainText(text);
  return SHAPES.filter(
    (shape) => mayHold(shape, plain) && findShape(shape, plain) !== undefined,
  ).map(shapeTitle);
}
