import { REBUILD_ROUND_MS } from '@app/jobs/policy';
import { SearchDocumentStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

/** Memories in one transaction. The transaction locks them, and an erasure of one of them waits for its end. */
const BATCH = 50;

/**
 * Rebuilds search documents that an older version of the program stored. A large installation takes many rounds of upkeep,
 * so that the check for lost jobs does not wait for it.
 */
@Injectable()
export class SearchDocumentsService {
  constructor(private readonly documents: SearchDocumentStore) {}

  async rebuild(signal: AbortSignal): Promise<void> {
    const until = performance.now() + REBUILD_ROUND_MS;
    let rebuilt = 0;
    do rebuilt = await this.documents.rebuildOutdated(BATCH);
    while (rebuilt > 0 && !signal.aborted && performance.now() < until);
  }
}
