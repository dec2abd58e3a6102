import { describe, expect, it } from 'vitest';

import { hitOf } from '../testing/hit-of.js';
import { selectContext } from './select-context.js';

const said = 'Last spring we moved to Rome, all four of us. '.repeat(30);

describe('selectContext', () => {
  it('numbers the hits by rank and shortens their source turns', () => {
    const context = selectContext([hitOf('Alex lives in Rome.', said), hitOf('Alex has a dog.')], {
      tokens: 1_000,
      saidCharacters: 40,
    });
    expect(context.map(({ number }) => number)).toEqual([1, 2]);
    expect(context[0]?.said).toBe('Last spring we moved to Rome, all four o…');
  });

  it('leaves out source turns before it leaves out facts', () => {
    const hits = [hitOf('Alex lives in Rome.', said), hitOf('Alex has a dog.', said)];
    const context = selectContext(hits, { tokens: 300, saidCharacters: 600 });
    expect(context.map((memory) => memory.said !== '')).toEqual([true, false]);
  });

  it('stops at the first hit that does not fit', () => {
    const hits = Array.from({ length: 20 }, (_, index) =>
      hitOf(`Fact ${index}. ${'word '.repeat(60)}`),
    );
    const context = selectContext(hits, { tokens: 700, saidCharacters: 0 });
    expect(context.length).toBeGreaterThan(2);
    expect(context.length).toBeLessThan(20);
  });

  it('shows the first hit even if it is too long', () => {
    expect(selectContext([hitOf('word '.repeat(9_000))])).toHaveLength(1);
  });
});
