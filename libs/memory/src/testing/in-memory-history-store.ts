import { AppError } from '@app/errors';

import { fold } from '../memories/fold.js';
import { ALL_TENANTS, type Scope } from '../memories/memory-store.js';
import type { Memory } from '../memories/memory.js';
import { standingOf, type Version } from '../memories/version.js';
import type { Chain, Link } from '../supersession/chain.js';
import {
  decideEnding,
  type RequestedEnding,
  type MemoryState,
} from '../supersession/decide-ending.js';
import {
  type AuditEvent,
  type EventPage,
  type EventPageRequest,
  HistoryStore,
  type MemoryEvent,
  type MemoryRef,
} from '../supersession/history-store.js';
import { type Change, type Ending, restore, supersede } from '../supersession/supersede.js';
import type { History } from './builders.js';

interface Told extends AuditEvent {
  readonly memory: Memory;
  readonly successorId: string | null;
}

/** The specification of how histories change, without a database. It changes the given list of histories in place. */
export class InMemoryHistoryStore extends HistoryStore {
  readonly #told: Told[] = [];

  constructor(
    private readonly histories: History[],
    private readonly now: () => Date = () => new Date(),
  ) {
    super();
    for (const { memory } of histories) this.#tellOfBirth(memory);
  }

  /** Adds a memory and its `memory.created` event, as a write does. */
  add(history: History): void {
    this.histories.push(history);
    this.#tellOfBirth(history.memory);
  }

  async supersede(order: MemoryRef & RequestedEnding): Promise<Ending> {
    const { scope, memoryId, supersededBy, apiKeyId } = order;
    const history = this.#get(scope, memoryId);
    const successor = supersededBy === null ? undefined : this.#find(scope, supersededBy);
    const links = supersededBy === null ? [] : this.#connected(scope.accountId, supersededBy);
    const now = this.now();
    const ending = decideEnding(stated(history), order, successor && stated(successor), links, now);
    const change = supersede(openOf(history), ending, now);
    const event = supersededBy === null ? 'memory.expired' : 'memory.superseded';
    const details = { superseded_by: supersededBy, valid_to: ending.validTo.toISOString() };
    this.#change(history, change, { event, apiKeyId, details, successorId: supersededBy });
    return ending;
  }

  async restore({ scope, memoryId, apiKeyId }: MemoryRef): Promise<void> {
    const history = this.#get(scope, memoryId);
    const open = openOf(history);
    if (open.validTo === null && open.supersededBy === null) return;
    const twin = this.histories.find(
      (other) => isTwin(other.memory, history.memory) && this.#isCurrent(other),
    );
    if (twin) throw new AppError('memory_not_current', `The same fact stands as ${twin.memory.id}`);
    const undone = {
      superseded_by: open.supersededBy,
      valid_to: open.validTo?.toISOString() ?? null,
    };
    const told = { apiKeyId, details: { undone }, successorId: null };
    this.#change(history, restore(open, this.now()), { event: 'memory.restored', ...told });
  }

  async chainOf(scope: Scope, memoryId: string): Promise<Chain> {
    const known = this.#told.some(({ memory }) => memory.id === memoryId && isIn(scope, memory));
    const links = known ? this.#connected(scope.accountId, memoryId) : [];
    return { links, isCutOff: false };
  }

  async eventsOf(
    scope: Scope,
    memoryId: string,
    { limit, afterId = '0' }: EventPageRequest,
  ): Promise<EventPage> {
    const events = this.#told.flatMap(({ memory, event, at, apiKeyId, details }, index) =>
      memory.id === memoryId && isIn(scope, memory) && index >= Number(afterId)
        ? [{ id: String(index + 1), event, at, apiKeyId, details }]
        : [],
    );
    return { events: events.slice(0, limit), hasMore: events.length > limit };
  }

  /** Leaves the state of an erasure: the memory is deleted, its events stay. */
  erase(memoryId: string): void {
    const index = this.histories.findIndex(({ memory }) => memory.id === memoryId);
    const [erased] = this.histories.splice(index, 1);
    if (erased === undefined) throw new Error('No such memory');
    const told = { apiKeyId: null, details: {}, successorId: null, at: this.now() };
    this.#told.push({ memory: erased.memory, event: 'memory.erased', ...told });
  }

  #tellOfBirth(memory: Memory): void {
    const told = { apiKeyId: null, details: {}, successorId: null, at: memory.createdAt };
    this.#told.push({ memory, event: 'memory.created', ...told });
  }

  #find(scope: Scope, memoryId: string): History | undefined {
    return this.histories.find(({ memory }) => memory.id === memoryId && isIn(scope, memory));
  }

  #get(scope: Scope, memoryId: string): History {
    const history = this.#find(scope, memoryId);
    if (history === undefined) throw new AppError('not_found', 'No such memory');
    return history;
  }

  #isCurrent(history: History): boolean {
    return standingOf(openOf(history), this.now()) === 'current';
  }

  #change(
    { memory, versions }: History,
    { closed, opened }: Change,
    told: Pick<Told, 'apiKeyId' | 'details' | 'successorId'> & { readonly event: MemoryEvent },
  ): void {
    const index = this.histories.findIndex((one) => one.memory.id === memory.id);
    const past = versions.filter(({ believedTo }) => believedTo !== null);
    this.histories[index] = { memory, versions: [...past, closed, opened] };
    this.#told.push({ memory, at: opened.believedFrom, ...told });
  }

  #connected(accountId: string, memoryId: string): readonly Link[] {
    const all = this.#links(accountId);
    const reached = new Set([memoryId]);
    for (let before = 0; before < reached.size;) {
      before = reached.size;
      for (const link of all) {
        if (reached.has(link.memoryId) && link.supersededBy !== null)
          reached.add(link.supersededBy);
        if (link.supersededBy !== null && reached.has(link.supersededBy))
          reached.add(link.memoryId);
      }
    }
    return all.filter((link) => reached.has(link.memoryId));
  }

  /** The successor of a memory: from its open version, or from the last event that changed it if it is erased. */
  #links(accountId: string): readonly Link[] {
    const born = this.#told.filter(({ event }) => event === 'memory.created');
    return born.flatMap(({ memory }) => {
      if (memory.accountId !== accountId) return [];
      const standing = this.histories.find((history) => history.memory.id === memory.id);
      const last = this.#told.findLast(
        (told) => told.memory.id === memory.id && told.event !== 'memory.erased',
      );
      const supersededBy = standing ? openOf(standing).supersededBy : (last?.successorId ?? null);
      const { id: memoryId, createdAt } = memory;
      const validFrom = standing ? openOf(standing).validFrom : null;
      return { memoryId, supersededBy, createdAt, validFrom, erased: standing === undefined };
    });
  }
}

const isIn = ({ accountId, tenantId }: Scope, memory: Memory): boolean =>
  memory.accountId === accountId && (tenantId === ALL_TENANTS || memory.tenantId === tenantId);

const isTwin = (one: Memory, other: Memory): boolean =>
  one.id !== other.id &&
  one.accountId === other.accountId &&
  one.tenantId === other.tenantId &&
  one.source === other.source &&
  fold(one.text) === fold(other.text);

const openOf = ({ versions }: History): Version => {
  const open = versions.find(({ believedTo }) => believedTo === null);
  if (open === undefined) throw new Error('A memory of which nothing is believed');
  return open;
};

const stated = (history: History): MemoryState => ({
  tenantId: history.memory.tenantId,
  open: openOf(history),
});
