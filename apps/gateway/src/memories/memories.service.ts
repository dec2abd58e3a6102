import type { Caller } from '@app/accounts';
import { type ListRequest, MemoryStore } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { ownScope, readScope } from '../http/caller-scope.js';
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
    return viewMemory(seen, readerOf(caller));
  }

  async list(caller: Caller, { limit, cursor, ...asked }: ListMemories): Promise<MemoryListView> {
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
      // One more than is shown tells whether there is a next page.
      limit: limit + 1,
      after: mark?.after,
    };
    const seen = await timed('db', this.memories.list(request));
    const page = seen.slice(0, limit);
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
        seen.length > limit,
        list,
        readAt,
      ),
    };
  }
}
