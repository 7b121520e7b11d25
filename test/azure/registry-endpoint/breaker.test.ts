import { describe, expect, it } from 'vitest';
import { breaker } from '../../../src/azure/registry-endpoint/breaker.ts';

function at() {
  let nowMs = 0;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { pass, ...breaker(() => new Date(nowMs)) };
}

describe('an endpoint that does not answer', () => {
  it('is asked until three calls in a row were silent, and others are asked all the same', () => {
    const { admits, end } = at();
    for (const _ of [1, 2]) end('westus', true);
    expect(admits('westus')).toBe(true);
    end('westus', true);
    expect(admits('westus')).toBe(false);
    expect(admits('eastus')).toBe(true);
  });

  it('is asked on when an answer came in between, or the silence was long ago', () => {
    const { admits, end, pass } = at();
    end('westus', true);
    end('westus', true);
    end('westus', false);
    end('westus', true);
    end('eastus', true);
    end('eastus', true);
    pass(60_000);
    end('eastus', true);
    expect([admits('westus'), admits('eastus')]).toEqual([true, true]);
  });

  it('gets one call after ten seconds, whose end decides', () => {
    const { admits, end, pass } = at();
    for (const _ of [1, 2, 3]) end('westus', true);
    pass(9_999);
    expect(admits('westus')).toBe(false);
    pass(1);
    expect([admits('westus'), admits('westus')]).toEqual([true, false]);
    end('westus', true);
    pass(9_999);
    expect(admits('westus')).toBe(false);
    pass(1);
    expect(admits('westus')).toBe(true);
    end('westus', false);
    expect([admits('westus'), admits('westus')]).toEqual([true, true]);
  });

  it('gets another call after a pause when nobody told how the one before ended', () => {
    const { admits, end, pass } = at();
    for (const _ of [1, 2, 3]) end('westus', true);
    pass(10_000);
    expect(admits('westus')).toBe(true);
    pass(10_000);
    expect(admits('westus')).toBe(true);
  });
});
