import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { Turn } from '../memories/memory.js';
import type { MemoryStore } from '../memories/memory-store.js';
import { aHistory, type History } from './builders.js';
import { InMemoryMemoryStore } from './in-memory-memory-store.js';

const aTurn = (position: number, text: string): Turn => ({
  id: randomUUID(),
  position,
  role: 'user',
  name: null,
  saidAt: null,
  text,
});

/** The promises of every MemoryStore about memories that cite long turns, or many. */
export function itShortensTurns(
  makeStore: (histories: readonly History[]) => Promise<MemoryStore>,
): void {
  describe('turns', () => {
    it.each<[string, readonly Turn[], boolean, number[]]>([
      [
        'that are short are complete',
        [aTurn(1, 'one'), aTurn(2, ''), aTurn(3, 'three')],
        false,
        [3, 0, 5],
      ],
      [
        'that fit exactly are complete',
        [aTurn(1, 'é'.repeat(3_999)), aTurn(2, 'x')],
        false,
        [3_999, 1],
      ],
      ['are cut off at 4,000 characters', [aTurn(1, '😀'.repeat(9_000))], true, [4_000]],
      [
        'are cut off at 4,000 characters together',
        [aTurn(1, 'x'.repeat(3_000)), aTurn(2, 'ß'.repeat(3_000)), aTurn(3, 'late')],
        true,
        [3_000, 1_000],
      ],
      [
        'beyond the fiftieth are missing',
        Array.from({ length: 60 }, (_, n) => aTurn(n, 'x')),
        true,
        Array.from({ length: 50 }, () => 1),
      ],
    ])('%s in a list', async (_, turns, turnsShortened, lengths) => {
      const history = aHistory({ turns });
      const { accountId, id } = history.memory;
      const scope = { accountId, tenantId: null };
      const store = await makeStore([history]);
      const asked = { scope, filter: {}, moment: {}, includeSuperseded: false, limit: 10 };
      const { memories } = await store.list(asked);
      const shown = memories[0]?.memory;
      expect(shown?.turnsShortened).toBe(turnsShortened);
      expect(shown?.turns.map(({ text }) => Array.from(text).length)).toEqual(lengths);
      expect(await store.findMany(scope, [id], {})).toEqual({ memories, leftOut: 0 });
      expect((await new InMemoryMemoryStore([history]).list(asked)).memories).toEqual(memories);
    });

    it('are complete when one memory is read by its id', async () => {
      const turns = [aTurn(1, '😀'.repeat(9_000)), aTurn(2, 'late')];
      const history = aHistory({ turns });
      const store = await makeStore([history]);
      const { accountId, id } = history.memory;
      const seen = await store.find({ accountId, tenantId: null }, id);
      expect(seen?.memory).toMatchObject({ turns, turnsShortened: false });
    });
  });
}
