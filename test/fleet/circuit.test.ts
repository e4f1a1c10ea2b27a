import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Circuit } from '../../src/fleet/circuit.ts';

const SETTINGS = { failures: 3, pauseMs: 100, longestMs: 1000 };

function openCircuit(): Circuit {
  const circuit = new Circuit(SETTINGS);
  for (let count = 0; count < 3; count += 1) circuit.fail(0);
  return circuit;
}

describe('a circuit', () => {
  it('opens after failures in a row, not after failures between successes', () => {
    const circuit = new Circuit(SETTINGS);
    expect([circuit.fail(0), circuit.fail(0)]).toEqual([false, false]);
    circuit.succeed();
    expect([circuit.fail(0), circuit.fail(0)]).toEqual([false, false]);
    expect(circuit.enter(0)).toBe('through');
    expect(circuit.fail(0)).toBe(true);
    expect(circuit.enter(99)).toBe('blocked');
  });

  it('lets one probe through after the pause, and closes when it succeeds', () => {
    const circuit = openCircuit();
    expect([circuit.enter(100), circuit.enter(100)]).toEqual(['probe', 'blocked']);
    expect(circuit.succeed()).toBe(true);
    expect(circuit.enter(100)).toBe('through');
  });

  it('doubles the pause with each probe that fails, up to the longest', () => {
    const circuit = openCircuit();
    let now = 0;
    const pauses: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      pauses.push(circuit.remaining(now));
      now += circuit.remaining(now);
      expect(circuit.enter(now)).toBe('probe');
      circuit.fail(now);
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('gives the probe to the next request when one ended without telling anything', () => {
    const circuit = openCircuit();
    expect(circuit.enter(100)).toBe('probe');
    circuit.leave();
    expect(circuit.enter(100)).toBe('probe');
  });

  it('takes a probe that tells nothing for the longest pause for lost', () => {
    const circuit = openCircuit();
    expect(circuit.enter(100)).toBe('probe');
    expect(circuit.enter(1099)).toBe('blocked');
    expect(circuit.enter(1100)).toBe('probe');
    expect(circuit.enter(1100)).toBe('blocked');
  });

  it('stays open for as long as the server asked, within the longest pause', () => {
    const circuit = new Circuit({ ...SETTINGS, failures: 1 });
    circuit.fail(0, 500);
    expect(circuit.remaining(0)).toBe(500);
    const other = new Circuit({ ...SETTINGS, failures: 1 });
    other.fail(0, 9000);
    expect(other.remaining(0)).toBe(1000);
  });

  it('learns nothing from requests that were under way when it opened', () => {
    const circuit = openCircuit();
    expect(circuit.fail(50)).toBe(false);
    expect(circuit.remaining(50)).toBe(50);
  });

  it('never lets more than one probe through per pause to a server that is down', () => {
    const steps = fc.array(fc.nat(150), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, (waits) => {
        const circuit = openCircuit();
        let now = 0;
        let last = Number.NEGATIVE_INFINITY;
        for (const wait of waits) {
          now += wait;
          const passage = circuit.enter(now);
          expect(passage).not.toBe('through');
          if (passage !== 'probe') continue;
          expect(now - last).toBeGreaterThanOrEqual(SETTINGS.pauseMs);
          last = now;
          circuit.fail(now);
        }
      }),
    );
  });
});
