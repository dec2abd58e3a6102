import { MemoryStore, type WriteResult } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewExtracted, viewSaved } from './remembered.view.js';

/** What a write left behind → its answer, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class WriteResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(accountId: string, result: WriteResult, now: Date): Promise<RememberedView> {
    const { mode, status, tenantId, memoryIds } = result;
    if (mode === 'content' && status !== 'extracted') {
      return viewSaved(
        { status, memoryId: memoryIds[0] ?? '' },
        { accountId, tenantId },
        viewAutoSupersede(result.autoSupersede, undefined),
      );
    }
    const seen = await timed('db', this.memories.findMany({ accountId, tenantId }, memoryIds, {}));
    return viewExtracted(accountId, result, seen, now);
  }
}
