import { MemoryStore, SupersessionStore, uncompared, type WriteResult } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import type { Reader } from './reader.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewExtracted, viewSaved } from './remembered.view.js';

/** What a write left behind → its answer, for whoever waited and for whoever asks for the job later. */
@Injectable()
export class WriteResults {
  constructor(
    private readonly memories: MemoryStore,
    private readonly supersession: SupersessionStore,
  ) {}

  async render(reader: Reader, accountId: string, result: WriteResult): Promise<RememberedView> {
    const { mode, status, tenantId, memoryIds, autoSupersede } = result;
    const reasonings = autoSupersede.some(({ supersession }) => supersession !== null)
      ? await timed('db', this.supersession.findReasoning(accountId, memoryIds))
      : [];
    if (mode === 'content' && status !== 'extracted') {
      const memoryId = memoryIds[0] ?? '';
      const [outcome = uncompared(memoryId, 'disabled')] = autoSupersede;
      const saved = { status, memoryId };
      return viewSaved(saved, { accountId, tenantId }, viewAutoSupersede(outcome, reasonings));
    }
    const seen = await timed('db', this.memories.findMany({ accountId, tenantId }, memoryIds, {}));
    return viewExtracted(accountId, result, seen, reasonings, reader);
  }
}
