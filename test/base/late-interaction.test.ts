import { describe, expect, it } from 'vitest';
import { lateInteraction, packTokens } from '../../src/base/late-interaction.ts';

const unit = (...angles: number[]) =>
  Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));

describe('lateInteraction', () => {
  it('is the mean of each query token’s best cosine', () => {
    const text = packTokens(unit(0, Math.PI / 2, Math.PI), 2);
    expect(lateInteraction(unit(0), text)).toBeCloseTo(1, 2);
    expect(lateInteraction(unit(0, Math.PI / 4), text)).toBeCloseTo((1 + Math.SQRT1_2) / 2, 2);
    expect(lateInteraction(unit(-Math.PI / 2), packTokens(unit(Math.PI / 2), 2))).toBeCloseTo(
      -1,
      2,
    );
  });

  it('takes texts without tokens', () => {
    expect(lateInteraction(unit(0), packTokens(new Float32Array(0), 2))).toBe(0);
    expect(lateInteraction(new Float32Array(0), packTokens(unit(0), 2))).toBe(0);
    expect(lateInteraction(unit(0), packTokens(new Float32Array(2), 2))).toBe(0);
  });
});
