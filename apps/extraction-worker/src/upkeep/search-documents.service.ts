import { SearchDocumentStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

/** A batch is one transaction that locks its memories, so that an erasure waits for it. */
const BATCH = 50;
/** The memories of a large installation take many rounds: accepted work must not wait for them. */
const LONGEST_MS = 20_000;

/** Rebuilds search documents that an older version stored, for about 20 seconds of each round of upkeep at most. */
@Injectable()
export class SearchDocumentsService {
  constructor(private readonly documents: SearchDocumentStore) {}

  async rebuild(signal: AbortSignal): Promise<void> {
    const until = performance.now() + LONGEST_MS;
    let rebuilt = 0;
    do rebuilt = await this.documents.rebuildOutdated(BATCH);
    while (rebuilt > 0 && !signal.aborted && performance.now() < until);
  }
}
