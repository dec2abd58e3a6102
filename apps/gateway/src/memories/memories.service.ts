import type { Caller } from '@app/accounts';
import { type ListRequest, MemoryStore, type Moment, WHOLE_CHARACTERS } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { ownScope, readScope } from '../http/auth/caller-scope.js';
import { hashOfList, nextCursor, readCursor } from '../http/cursor.js';
import { requireFound } from '../http/require-found.js';
import type { ListMemories, MemoryListView, MemoryView } from './memories.schemas.js';
import { viewContextOf, viewMemory } from './memory.view.js';

@Injectable()
export class MemoriesService {
  constructor(private readonly memories: MemoryStore) {}

  async get(caller: Caller, memoryId: string): Promise<MemoryView> {
    const seen = await requireFound(memoryId, (id) =>
      timed('db', this.memories.find(ownScope(caller), id)),
    );
    return viewMemory(seen, viewContextOf(caller), WHOLE_CHARACTERS);
  }

  async list(
    caller: Caller,
    { limit, cursor, ...asked }: ListMemories,
    gone?: AbortSignal,
  ): Promise<MemoryListView> {
    const scope = readScope(caller, asked.tenant_id);
    const listHash = hashOfList(asked);
    const mark = cursor === undefined ? undefined : readCursor(cursor, listHash);
    const context = viewContextOf(caller);
    // Read the time before the page: a memory that is superseded meanwhile is then still on a later page, not on none.
    const readAt = mark?.readAt ?? (await timed('db', this.memories.now()));
    const request: ListRequest = {
      scope,
      filter: {
        sources: asked.source,
        sessionId: asked.session_id,
        topic: asked.topic,
        category: asked.category,
        externalId: asked.external_id,
        metadata: asked.metadata,
      },
      moment: momentOfPage(asked, mark?.readAt),
      includeSuperseded: asked.include_superseded,
      limit,
      after: mark?.after,
    };
    const { memories: page, hasMore } = await timed('db', this.memories.list(request, gone));
    return {
      company_id: caller.accountId,
      tenant_id: scope.tenantId,
      as_of: asked.as_of?.toISOString() ?? null,
      transaction_as_of: asked.transaction_as_of?.toISOString() ?? null,
      include_superseded: asked.include_superseded,
      count: page.length,
      memories: page.map((one) => viewMemory(one, context)),
      next_cursor: nextCursor(
        page.map(({ memory }) => memory),
        hasMore,
        listHash,
        readAt,
      ),
    };
  }
}

interface AskedMoment {
  readonly as_of?: Date | undefined;
  readonly transaction_as_of?: Date | undefined;
}

/**
 * The moment that a page of a list shows. Later pages show what was believed when the first page was read: a memory that is
 * superseded between two pages then appears exactly once. A transaction time alone would also list memories that are not
 * valid now, so `asOf` is set too.
 */
export function momentOfPage(
  { as_of, transaction_as_of }: AskedMoment,
  firstReadAt: Date | undefined,
): Moment {
  if (firstReadAt === undefined) return { asOf: as_of, transactionAsOf: transaction_as_of };
  if (transaction_as_of !== undefined) {
    // A transaction time in the future shows the same as the time of the first page.
    return { asOf: as_of, transactionAsOf: earlier(transaction_as_of, firstReadAt) };
  }
  return { asOf: as_of ?? firstReadAt, transactionAsOf: firstReadAt };
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
