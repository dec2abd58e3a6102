import { ALL_TENANTS, MemoryStore, type SeenMemory, type WriteResult } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewDryRun } from './dry-run.view.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewExtracted, viewSaved } from './remembered.view.js';

/** What writes left behind → their answers, for whoever waited and for whoever asks for the jobs later. */
@Injectable()
export class WriteResults {
  constructor(private readonly memories: MemoryStore) {}

  async render(accountId: string, result: WriteResult): Promise<RememberedView> {
    const scope = { accountId, tenantId: result.tenantId };
    const ids = storedBy(result);
    const seen = await timed('db', this.memories.findMany(scope, ids, {}));
    return view(accountId, result, seen, new Date());
  }

  /** Those of many writes of one account, in their order, by one statement. */
  async renderMany(
    accountId: string,
    results: readonly WriteResult[],
  ): Promise<readonly RememberedView[]> {
    const scope = { accountId, tenantId: ALL_TENANTS };
    const ids = results.flatMap(storedBy);
    const seen = await timed('db', this.memories.findMany(scope, ids, {}));
    const now = new Date();
    return results.map((result) => view(accountId, result, seen, now));
  }
}

/** What its answer shows as memories: in content mode an id is answer enough. */
const storedBy = ({ status, memoryIds }: WriteResult): readonly string[] =>
  status === 'extracted' ? memoryIds : [];

function view(
  accountId: string,
  result: WriteResult,
  seen: readonly SeenMemory[],
  now: Date,
): RememberedView {
  const { status, tenantId, memoryIds } = result;
  if (status === 'dry_run') return viewDryRun(accountId, result, now);
  if (status === 'extracted') return viewExtracted(accountId, result, seen, now);
  return viewSaved(
    { status, memoryId: memoryIds[0] ?? '' },
    { accountId, tenantId },
    viewAutoSupersede(result.autoSupersede, undefined),
  );
}
