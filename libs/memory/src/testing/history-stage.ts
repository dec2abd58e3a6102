import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { ALL_TENANTS, type MemoryStore } from '../memories/memory-store.js';
import type { Version } from '../memories/version.js';
import { timelineOf } from '../supersession/chain.js';
import type { RequestedEnding } from '../supersession/decide-ending.js';
import type { HistoryStore } from '../supersession/history-store.js';
import { aHistory, type History } from './builders.js';

/** A store under test, with the functions that a suite needs beside it. */
export interface HistoryBench {
  readonly history: HistoryStore;
  readonly memories: MemoryStore;
  /** Leaves the state of an erasure: the memory is deleted, its events stay, and `memory.erased` is added. */
  readonly erase: (memoryId: string) => Promise<void>;
}

/** Makes a store that holds the given memories. */
export type MakeHistoryBench = (histories: readonly History[]) => Promise<HistoryBench>;

export const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));

export const refused = (code: string): unknown =>
  expect.objectContaining({ name: 'AppError', code });

/** Stores memories of one account that became true in the given years. A test refers to them by the given names. */
export async function stage<Name extends string>(
  makeBench: MakeHistoryBench,
  begun: Readonly<Record<Name, number>>,
  given: Parameters<typeof aHistory>[0] = {},
) {
  const [accountId, apiKeyId] = [randomUUID(), randomUUID()];
  const scope = { accountId, tenantId: ALL_TENANTS };
  const names = Object.keys(begun) as Name[];
  const histories = names.map((text) =>
    aHistory({ accountId, text, ...given }, { validFrom: year(begun[text]) }),
  );
  const bench = await makeBench(histories);
  const ids = histories.map(({ memory }) => memory.id);
  const idOf = (name: Name): string => ids[names.indexOf(name)] ?? '';
  const nameOf = (id: string): string => names[ids.indexOf(id)] ?? id;
  const named = (name: Name) => ({ scope, memoryId: idOf(name), apiKeyId });
  const seen = async (name: Name): Promise<Version | undefined> =>
    (await bench.memories.find(scope, idOf(name)))?.version;
  return {
    ...bench,
    accountId,
    apiKeyId,
    scope,
    idOf,
    named,
    seen,
    supersede: (name: Name, by: Name | null, validTo: Date | null = null) =>
      bench.history.supersede({
        ...named(name),
        supersededBy: by === null ? null : idOf(by),
        validTo,
      }),
    ask: (name: Name, asked: Partial<RequestedEnding>) =>
      bench.history.supersede({ ...named(name), supersededBy: null, validTo: null, ...asked }),
    restore: (name: Name) => bench.history.restore(named(name)),
    timeline: async (name: Name): Promise<readonly string[]> => {
      const { links } = await bench.history.chainOf(scope, idOf(name));
      return timelineOf(links).map(
        ({ memoryId, erased }) => nameOf(memoryId) + (erased ? ' (erased)' : ''),
      );
    },
    events: async (name: Name) =>
      (await bench.history.eventsOf(scope, idOf(name), { limit: 100 })).events,
  };
}
