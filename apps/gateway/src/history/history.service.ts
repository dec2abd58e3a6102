import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import {
  type FoundMemories,
  HistoryStore,
  type Link,
  type MemoryRef,
  MemoryStore,
  timelineOf,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { ownScope } from '../http/auth/caller-scope.js';
import { hashOfList, nextCursor, readCursor } from '../http/cursor.js';
import { requireFound } from '../http/require-found.js';
import type {
  AuditView,
  Page,
  RestoredView,
  Supersede,
  SupersededView,
  TimelineView,
} from './history.schemas.js';
import { viewContextOf } from '../memories/memory.view.js';
import { viewAudit, viewTimeline } from './history.view.js';

/** Ends and restores memories by hand, and shows the timeline and the audit of a memory. */
@Injectable()
export class HistoryService {
  constructor(
    private readonly history: HistoryStore,
    private readonly memories: MemoryStore,
  ) {}

  async supersede(
    caller: Caller,
    memoryId: string,
    { superseded_by, valid_to }: Supersede,
  ): Promise<SupersededView> {
    const asked = { supersededBy: superseded_by?.toLowerCase() ?? null, validTo: valid_to ?? null };
    return requireFound(memoryId, async (id) => {
      const order = { ...named(caller, id), ...asked };
      const { supersededBy, validTo } = await timed('db', this.history.supersede(order));
      return {
        status: supersededBy === null ? 'expired' : 'superseded',
        memory_id: id,
        superseded_by: supersededBy,
        valid_to: validTo.toISOString(),
      };
    });
  }

  async restore(caller: Caller, memoryId: string): Promise<RestoredView> {
    return requireFound(memoryId, async (id) => {
      await timed('db', this.history.restore(named(caller, id)));
      return { status: 'restored', memory_id: id, superseded_by: null, valid_to: null };
    });
  }

  async timeline(
    caller: Caller,
    memoryId: string,
    { limit, cursor }: Page,
    gone?: AbortSignal,
  ): Promise<TimelineView> {
    const scope = ownScope(caller);
    return requireFound(memoryId, async (id) => {
      const listHash = hashOfList({ timeline: id });
      const mark = cursor === undefined ? undefined : readCursor(cursor, listHash);
      const { links, isCutOff } = await timed('db', this.history.chainOf(scope, id, gone));
      if (links.length === 0) return undefined;
      const chain = timelineOf(links);
      const rest = chain.slice(mark ? indexAfter(chain, mark.after.id) : 0);
      const asked = rest.slice(0, limit);
      const ids = asked.flatMap((link) => (link.erased ? [] : [link.memoryId]));
      const shown = await timed('db', this.memories.findMany(scope, ids, {}, gone));
      const page = pageOfChain(asked, shown);
      const ends = page.map((link) => ({ id: link.memoryId, createdAt: link.createdAt }));
      return {
        ...viewTimeline(id, caller.accountId, page, shown.memories, viewContextOf(caller)),
        chain_length: chain.length,
        truncated: isCutOff,
        next_cursor: nextCursor(ends, page.length < rest.length, listHash, mark?.readAt),
      };
    });
  }

  async audit(
    caller: Caller,
    memoryId: string,
    { limit, cursor }: Page,
    gone?: AbortSignal,
  ): Promise<AuditView> {
    const scope = ownScope(caller);
    return requireFound(memoryId, async (id) => {
      const listHash = hashOfList({ audit: id });
      const mark = cursor === undefined ? undefined : readCursor(cursor, listHash, eventId);
      const asked = { limit, afterId: mark?.after.id };
      const [seen, { events, hasMore }] = await timed(
        'db',
        Promise.all([this.memories.find(scope, id), this.history.eventsOf(scope, id, asked, gone)]),
      );
      if (seen === undefined && events.length === 0) return undefined;
      const ends = events.map((event) => ({ id: event.id, createdAt: event.at }));
      return {
        ...viewAudit(id, seen, events, new Date()),
        next_cursor: nextCursor(ends, hasMore, listHash, mark?.readAt),
      };
    });
  }
}

/** The id of an audit event: a bigint in Postgres. */
const eventId = z.string().regex(/^\d{1,18}$/);

const named = (caller: Caller, memoryId: string): MemoryRef => ({
  scope: ownScope(caller),
  memoryId,
  apiKeyId: caller.apiKeyId,
});

/**
 * The links of a page that fit into one answer. If the size limit left memories out, the page ends with the last memory
 * that was read. A memory that is missing only because it was erased meanwhile does not end the page.
 * @param asked the links of the page.
 */
function pageOfChain(
  asked: readonly Link[],
  { memories, leftOut }: FoundMemories,
): readonly Link[] {
  const found = new Set(memories.map(({ memory }) => memory.id));
  if (leftOut === 0) return asked;
  const last = asked.findLastIndex(({ memoryId }) => found.has(memoryId));
  return asked.slice(0, last + 1);
}

/**
 * The index of the link that follows a memory.
 * @throws AppError `invalid_request` if the last memory of the previous page is no longer in the chain.
 */
function indexAfter(chain: readonly Link[], memoryId: string): number {
  const place = chain.findIndex((link) => link.memoryId === memoryId);
  if (place !== -1) return place + 1;
  throw new AppError('invalid_request', 'The cursor cannot be used: see errors.', {
    faults: [
      {
        path: '/cursor',
        message: 'points to a memory that has left the chain. Begin again without a cursor',
      },
    ],
  });
}
