import { randomUUID } from 'node:crypto';

import type { Moment, SeenMemory, Version } from '@app/memory';
import { PostgresMemoryIndex, PostgresMemoryStore } from '@app/persistence';
import { InMemoryMemoryStore } from '@app/memory/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LivedHistories, type Step } from '../support/lived-histories.js';
import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';

const RUNS = 15;
const MOMENTS_PER_RUN = 8;

let connected: ConnectedDatabase;

beforeAll(async () => {
  connected = await connectedDatabase();
});

afterAll(() => connected.close());

/** Few dates, so that they meet: past and future, and every one of them backdated against when it is told. */
const date = fc.integer({ min: 2015, max: 2032 }).map((year) => new Date(Date.UTC(year, 5, 1)));
const which = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('add' as const), validFrom: fc.option(date) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('supersede' as const),
      which,
      by: which,
      validTo: fc.option(date),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('expire' as const), which, validTo: date }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), which }) },
);
const steps = fc.array(step, { minLength: 3, maxLength: 12 });
/** Indexes into the moments that matter in a history: its dates, its changes, and what lies just beside them. */
const picks = fc.array(fc.tuple(fc.nat(), fc.nat()), {
  minLength: MOMENTS_PER_RUN,
  maxLength: MOMENTS_PER_RUN,
});

const shown = (seen: readonly SeenMemory[]) =>
  seen
    .map(({ memory, version }) => ({ id: memory.id, ...version }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));

/** The memory without the end of its belief, which was not known then. */
const asThen = (seen: readonly SeenMemory[]) =>
  seen.map(({ version }) => ({ ...version, believedTo: undefined }));

/** Each belief lasts for a moment at least, and the next begins when it ends. */
const isUnbroken = (versions: readonly Version[]): boolean =>
  versions.every(({ believedFrom, believedTo }, place) => {
    const next = versions[place + 1];
    if (believedTo === null) return next === undefined;
    return believedFrom < believedTo && believedTo.getTime() === next?.believedFrom.getTime();
  });

describe('any history of adding, superseding, ending and restoring', () => {
  it('is read by SQL as the specification says, from every pair of moments', async () => {
    await fc.assert(
      fc.asyncProperty(steps, picks, async (taken, picked) => {
        const lived = await LivedHistories.live(connected.database, randomUUID(), taken);
        const histories = await lived.read();
        for (const [real, specified] of lived.outcomes) expect(real).toBe(specified);
        for (const { stored, decided } of lived.compare(histories)) expect(stored).toEqual(decided);
        for (const { versions } of histories) expect(versions).toSatisfy(isUnbroken);

        const store = new PostgresMemoryStore(connected.database);
        const index = new PostgresMemoryIndex(connected.database);
        const specification = new InMemoryMemoryStore(histories);
        const { scope } = lived;
        const instants = lived.instants(histories);
        const at = (pick: number): Date | undefined => instants[pick % instants.length];
        for (const [asOf, transactionAsOf] of [[0, 0] as const, ...picked]) {
          const moment: Moment = { asOf: at(asOf), transactionAsOf: at(transactionAsOf) };
          for (const includeSuperseded of [false, true]) {
            const asked = { scope, filter: {}, moment, includeSuperseded, limit: 100 };
            expect({ moment, listed: await store.list(asked) }).toEqual({
              moment,
              listed: await specification.list(asked),
            });
          }
          const ids = histories.map(({ memory }) => memory.id);
          expect(shown((await store.findMany(scope, ids, moment)).memories)).toEqual(
            shown((await specification.findMany(scope, ids, moment)).memories),
          );
          const question = { question: 'Which fact?', scope, filter: {}, moment, limit: 100 };
          const { hits, searched } = await index.retrieve(question);
          const { memories: eligible } = await specification.list({
            ...question,
            includeSuperseded: false,
          });
          expect(shown(hits.map(({ seen }) => seen))).toEqual(shown(eligible));
          expect(searched).toBe(eligible.length);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is read from a past moment as it was read then', async () => {
    await fc.assert(
      fc.asyncProperty(steps, date, async (taken, asOf) => {
        const store = new PostgresMemoryStore(connected.database);
        const accountId = randomUUID();
        const list = async (moment: Moment) => {
          const { memories } = await store.list({
            scope: { accountId, tenantId: null },
            filter: {},
            moment,
            includeSuperseded: false,
            limit: 100,
          });
          return memories;
        };
        const noted: { readonly at: Date; readonly seen: readonly SeenMemory[] }[] = [];
        await LivedHistories.live(connected.database, accountId, taken, async (at) => {
          noted.push({ at, seen: await list({ asOf }) });
        });
        expect(noted).toHaveLength(taken.length);
        for (const { at, seen } of noted) {
          expect(asThen(await list({ asOf, transactionAsOf: at }))).toEqual(asThen(seen));
        }
      }),
      { numRuns: RUNS },
    );
  });
});
