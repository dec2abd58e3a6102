import { EXCERPT_CHARACTERS, excerptOf, WHOLE_CHARACTERS } from '../memories/excerpt.js';
import type { Memory } from '../memories/memory.js';
import {
  ALL_TENANTS,
  type FoundMemories,
  type ListRequest,
  type MemoryFilter,
  type MemoryPage,
  MemoryStore,
  type Scope,
  type SeenMemory,
} from '../memories/memory-store.js';
import { heldAt, type Moment, type Version } from '../memories/version.js';
import type { History } from './builders.js';

/** The specification of how memories are read, without a database. The SQL must return the same. */
export class InMemoryMemoryStore extends MemoryStore {
  constructor(
    private readonly histories: readonly History[],
    private readonly clock: () => Date = () => new Date(),
  ) {
    super();
  }

  async find(scope: Scope, memoryId: string): Promise<SeenMemory | undefined> {
    const seen = this.#believed(scope, {}, {}).find(({ memory }) => memory.id === memoryId);
    return seen && shorten(seen, WHOLE_CHARACTERS);
  }

  async findMany(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
  ): Promise<FoundMemories> {
    const seen = this.#believed(scope, {}, moment);
    const memories = [...new Set(memoryIds)].flatMap((id) =>
      seen.filter(({ memory }) => memory.id === id),
    );
    return { memories: memories.map((one) => shorten(one, EXCERPT_CHARACTERS)), leftOut: 0 };
  }

  async sizesOf(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const own = this.histories.filter(({ memory }) => memory.accountId === accountId);
    return new Map(
      own.flatMap(({ memory }) =>
        memoryIds.includes(memory.id) ? [[memory.id, JSON.stringify(memory).length]] : [],
      ),
    );
  }

  async now(): Promise<Date> {
    return this.clock();
  }

  async list({
    scope,
    filter,
    moment,
    includeSuperseded,
    limit,
    after,
  }: ListRequest): Promise<MemoryPage> {
    const listed = this.#believed(scope, filter, moment)
      .filter(({ version }) => this.#isListed(version, moment, includeSuperseded))
      .filter(({ memory }) => after === undefined || newestFirst(after, memory) < 0)
      .toSorted((one, other) => newestFirst(one.memory, other.memory));
    return {
      memories: listed.slice(0, limit).map((one) => shorten(one, EXCERPT_CHARACTERS)),
      hasMore: listed.length > limit,
    };
  }

  #believed(scope: Scope, filter: MemoryFilter, moment: Moment): readonly SeenMemory[] {
    return this.histories
      .filter(({ memory }) => isIn(scope, memory) && fits(filter, memory))
      .flatMap(({ memory, versions }) =>
        moment.transactionAsOf === undefined
          ? versions
              .filter(({ believedTo }) => believedTo === null)
              .map((version) => ({ memory, version }))
          : heldAt(versions, { transactionAsOf: moment.transactionAsOf }).map((version) => ({
              memory,
              version,
            })),
      );
  }

  #isListed(
    version: Version,
    { asOf, transactionAsOf }: Moment,
    includeSuperseded: boolean,
  ): boolean {
    if (asOf === undefined && transactionAsOf !== undefined) return true;
    const at = asOf ?? this.clock();
    if (version.validFrom > at) return false;
    return includeSuperseded || version.validTo === null || version.validTo > at;
  }
}

const shorten = ({ memory, version }: SeenMemory, characters: number): SeenMemory => ({
  memory: { ...memory, ...excerptOf(memory.turns, characters) },
  version,
});

type Place = Pick<Memory, 'createdAt' | 'id'>;
const newestFirst = (one: Place, other: Place): number =>
  other.createdAt.getTime() - one.createdAt.getTime() ||
  (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);

const isIn = ({ accountId, tenantId }: Scope, memory: Memory): boolean =>
  memory.accountId === accountId && (tenantId === ALL_TENANTS || memory.tenantId === tenantId);

const equal = (wanted: string | undefined, actual: string | null): boolean =>
  wanted === undefined || wanted === actual;

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const fits = (filter: MemoryFilter, memory: Memory): boolean =>
  (filter.sources === undefined || filter.sources.includes(memory.source)) &&
  equal(filter.sessionId, memory.sessionId) &&
  equal(filter.topic, memory.topic) &&
  equal(filter.category, memory.category) &&
  equal(filter.externalId, memory.externalId) &&
  Object.entries(filter.metadata ?? {}).every(
    ([key, wanted]) => key in memory.metadata && asText(memory.metadata[key]) === asText(wanted),
  );
