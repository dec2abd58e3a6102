import type { Caller } from '@app/accounts';
import { type ListRequest, MemoryStore, WHOLE_CHARACTERS } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { ownScope, readScope } from '../http/auth/caller-scope.js';
import { listName, nextCursor, readCursor } from '../http/cursor.js';
import { found } from '../http/find.js';
import type { ListMemories, MemoryListView, MemoryView } from './memories.schemas.js';
import { viewMemory } from './memory.view.js';
import { momentOfPage } from './page-moment.js';
import { readerOf } from './reader.js';

@Injectable()
export class MemoriesService {
  constructor(private readonly memories: MemoryStore) {}

  async get(caller: Caller, memoryId: string): Promise<MemoryView> {
    const seen = await found(memoryId, (id) =>
      timed('db', this.memories.find(ownScope(caller), id)),
    );
    return viewMemory(seen, readerOf(caller), WHOLE_CHARACTERS);
  }

  async list(
    caller: Caller,
    { limit, cursor, ...asked }: ListMemories,
    gone?: AbortSignal,
  ): Promise<MemoryListView> {
    const scope = readScope(caller, asked.tenant_id);
    const list = listName(asked);
    const mark = cursor === undefined ? undefined : readCursor(cursor, list);
    const reader = readerOf(caller);
    // Before the page is read: what changes meanwhile is then left to later pages, not passed over.
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
      memories: page.map((one) => viewMemory(one, reader)),
      next_cursor: nextCursor(
        page.map(({ memory }) => memory),
        hasMore,
        list,
        readAt,
      ),
    };
  }
}
