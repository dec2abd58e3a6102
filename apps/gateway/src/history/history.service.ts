import type { Caller } from '@app/accounts';
import { HistoryStore, MemoryStore, type Named, timelineOf } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { ownScope } from '../http/caller-scope.js';
import { found } from '../http/find.js';
import type {
  AuditView,
  RestoredView,
  Supersede,
  SupersededView,
  TimelineView,
} from './history.schemas.js';
import { readerOf } from '../memories/reader.js';
import { viewAudit, viewTimeline } from './history.view.js';

/** Ending memories by hand, taking it back, and what became of them. */
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
    return found(memoryId, async (id) => {
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
    return found(memoryId, async (id) => {
      await timed('db', this.history.restore(named(caller, id)));
      return { status: 'restored', memory_id: id, superseded_by: null, valid_to: null };
    });
  }

  async timeline(caller: Caller, memoryId: string): Promise<TimelineView> {
    const scope = ownScope(caller);
    return found(memoryId, async (id) => {
      const links = await timed('db', this.history.chainOf(scope, id));
      if (links.length === 0) return undefined;
      const ids = links.map((link) => link.memoryId);
      const seen = await timed('db', this.memories.findMany(scope, ids, {}));
      return viewTimeline(id, caller.accountId, timelineOf(links, seen), readerOf(caller));
    });
  }

  async audit(caller: Caller, memoryId: string): Promise<AuditView> {
    const scope = ownScope(caller);
    return found(memoryId, async (id) => {
      const [seen, events] = await timed(
        'db',
        Promise.all([this.memories.find(scope, id), this.history.eventsOf(scope, id)]),
      );
      if (seen === undefined && events.length === 0) return undefined;
      return viewAudit(id, seen, events, new Date());
    });
  }
}

const named = (caller: Caller, memoryId: string): Named => ({
  scope: ownScope(caller),
  memoryId,
  apiKeyId: caller.apiKeyId,
});
