import { SearchDocumentStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

/** Each is a transaction that locks its memories against being erased. */
const BATCH = 50;
/** The memories of a large installation take many rounds: accepted work must not wait for them. */
const LONGEST_MS = 20_000;

/** Builds the search documents anew that an older version stored, until none is left. */
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
