import { randomUUID } from 'node:crypto';

import { AppError } from '@app/errors';
import { ALL_TENANTS, type Scope, type Version } from '@app/memory';
import { aContentWrite, type History, InMemoryHistoryStore } from '@app/memory/testing';
import { type Database, PostgresHistoryStore, PostgresMemoryStore } from '@app/persistence';

import { SingleWrites } from './single-jobs.js';

/** A change that a caller makes. `which` and `by` are indexes of memories, modulo their number. */
export type Step =
  | { readonly do: 'add'; readonly validFrom: Date | null }
  | {
      readonly do: 'supersede';
      readonly which: number;
      readonly by: number;
      readonly validTo: Date | null;
    }
  | { readonly do: 'expire'; readonly which: number; readonly validTo: Date }
  | { readonly do: 'restore'; readonly which: number };

type Belief = Pick<Version, 'validFrom' | 'supersededBy'> & {
  readonly validTo: Version['validTo'] | 'now';
};

const clockOf = async (database: Database): Promise<Date> => {
  const [row] = await database.query<{ now: Date }>(
    `select date_trunc('milliseconds', clock_timestamp()) as now`,
  );
  if (row === undefined) throw new Error('No clock');
  return row.now;
};

/** Takes the same steps in the real stores and in the specification, the in-memory store, and compares the histories. */
export class LivedHistories {
  readonly scope: Scope;
  /** The outcome of each change in the real store and in the specification. */
  readonly outcomes: (readonly string[])[] = [];
  readonly #ids: string[] = [];
  /** The specification's histories. Its clock is not the database's, so only the beliefs are compared. */
  readonly #decided: History[] = [];
  readonly #specification = new InMemoryHistoryStore(this.#decided);

  private constructor(
    private readonly database: Database,
    private readonly accountId: string,
  ) {
    this.scope = { accountId, tenantId: null };
  }

  /** @param between is called with a moment between each step and the next one. */
  static async live(
    database: Database,
    accountId: string,
    steps: readonly Step[],
    between?: (at: Date) => Promise<void>,
  ): Promise<LivedHistories> {
    const lived = new LivedHistories(database, accountId);
    for (const step of steps) {
      await lived.#take(step);
      if (between) await between(await lived.#momentBetween());
    }
    return lived;
  }

  /** The histories as the tables hold them. */
  async read(): Promise<readonly History[]> {
    const memories = new PostgresMemoryStore(this.database);
    const found = (await memories.findMany(this.scope, this.#ids, {})).memories;
    const versions = await this.database.query<Version>(
      `select memory_id as "memoryId", valid_from as "validFrom", valid_to as "validTo", superseded_by as "supersededBy",
              believed_from as "believedFrom", believed_to as "believedTo"
         from memory_versions where account_id = $1 order by believed_from`,
      [this.accountId],
    );
    return found.map(({ memory }) => ({
      memory,
      versions: versions.filter(({ memoryId }) => memoryId === memory.id),
    }));
  }

  /** The versions of each memory in order, in the tables and in the specification. */
  compare(histories: readonly History[]): readonly { stored: Belief[]; decided: Belief[] }[] {
    return this.#decided.map(({ memory, versions }) => {
      const stored = histories.find((one) => one.memory.id === memory.id);
      return {
        stored: (stored?.versions ?? []).map(beliefOf),
        decided: versions.map(beliefOf),
      };
    });
  }

  /** Undefined, for no moment; then each moment at which something begins or ends, and a millisecond before and after it. */
  instants(histories: readonly History[]): readonly (Date | undefined)[] {
    const edges = histories.flatMap(({ versions }) =>
      versions.flatMap((version) => [
        version.validFrom,
        version.validTo,
        version.believedFrom,
        version.believedTo,
      ]),
    );
    const times = new Set(
      edges.flatMap((edge) => (edge ? [-1, 0, 1].map((by) => edge.getTime() + by) : [])),
    );
    return [
      undefined,
      ...[...times].toSorted((one, other) => one - other).map((time) => new Date(time)),
    ];
  }

  async #take(step: Step): Promise<void> {
    if (step.do === 'add' || this.#ids.length === 0) {
      await this.#add(step.do === 'add' ? step.validFrom : null);
      return;
    }
    const order = {
      scope: { accountId: this.accountId, tenantId: ALL_TENANTS },
      memoryId: this.#idAt(step.which),
      apiKeyId: randomUUID(),
    };
    const asked = {
      supersededBy: step.do === 'supersede' ? this.#idAt(step.by) : null,
      validTo: step.do === 'restore' ? null : step.validTo,
    };
    const real = new PostgresHistoryStore(this.database);
    const outcomes: string[] = [];
    for (const store of [real, this.#specification]) {
      outcomes.push(
        await outcomeOf(() =>
          step.do === 'restore' ? store.restore(order) : store.supersede({ ...order, ...asked }),
        ),
      );
    }
    this.outcomes.push(outcomes);
  }

  async #add(validFrom: Date | null): Promise<void> {
    const writes = new SingleWrites(this.database);
    const memories = new PostgresMemoryStore(this.database);
    const request = aContentWrite({ content: `fact ${this.#ids.length}`, validFrom });
    const asker = { accountId: this.accountId, apiKeyId: randomUUID() };
    const write = { id: randomUUID(), asker, request, requestId: 'lived', writesPerMonth: null };
    const { memoryId } = await writes.remember(write);
    const seen = await memories.find(this.scope, memoryId);
    if (seen === undefined) throw new Error('Not remembered');
    this.#ids.push(memoryId);
    this.#specification.add({ memory: seen.memory, versions: [seen.version] });
  }

  #idAt(which: number): string {
    return this.#ids[which % this.#ids.length] ?? '';
  }

  /** Returns a moment after the last change and before the next one. */
  async #momentBetween(): Promise<Date> {
    const [row] = await this.database.query<{ last: Date }>(
      'select max(believed_from) as last from memory_versions where account_id = $1',
      [this.accountId],
    );
    const last = row?.last ?? new Date(0);
    const passed = async (time: Date): Promise<Date> => {
      for (;;) {
        const now = await clockOf(this.database);
        if (now > time) return now;
      }
    };
    const between = await passed(last);
    await passed(between);
    return between;
  }
}

/** The clocks of the two stores set slightly different ends. So an end within an hour of now is compared as `now`. */
const beliefOf = ({ validFrom, validTo, supersededBy }: Version): Belief => ({
  validFrom,
  validTo: validTo && Math.abs(validTo.getTime() - Date.now()) < 3_600_000 ? 'now' : validTo,
  supersededBy,
});

async function outcomeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'done';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
