import {
  ALL_TENANTS,
  type FoundMemories,
  MemoryStore,
  type Reasoning,
  SupersessionStore,
  uncompared,
  type WriteResult,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { viewDryRun } from './dry-run.view.js';
import { type Reader, readerOf, type Whose } from './reader.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewExtracted, viewSaved } from './remembered.view.js';

/** A write that has ended: what it left behind, and when. */
export interface EndedWrite {
  readonly id: string;
  readonly result: WriteResult;
  readonly endedAt: Date;
}

/** What is shown beside the result itself, as far as it is still there. */
interface Kept {
  /** Where several writes are shown, those that are shown together fit into one answer: nothing is left out then. */
  readonly found: FoundMemories;
  readonly reasonings: readonly Reasoning[];
}

/** What writes left behind → their answers, for whoever waited and for whoever asks for the jobs later. */
@Injectable()
export class WriteResults {
  constructor(
    private readonly memories: MemoryStore,
    private readonly supersession: SupersessionStore,
  ) {}

  /** @param endedAt as of when it is shown: whoever asks twice is answered the same. */
  async render(caller: Whose, result: WriteResult, endedAt: Date): Promise<RememberedView> {
    const kept = await this.#keptOf(caller, [result], result.tenantId);
    return view(caller.accountId, result, kept, readerOf(caller, endedAt));
  }

  /** Those of many writes of one account, by their ids, in as many statements as for one. */
  async renderMany(
    caller: Whose,
    writes: readonly EndedWrite[],
  ): Promise<ReadonlyMap<string, RememberedView>> {
    const results = writes.map(({ result }) => result);
    const kept = await this.#keptOf(caller, results, ALL_TENANTS);
    return new Map(
      writes.map(({ id, result, endedAt }) => [
        id,
        view(caller.accountId, result, kept, readerOf(caller, endedAt)),
      ]),
    );
  }

  async #keptOf(
    { accountId }: Whose,
    results: readonly WriteResult[],
    tenantId: string | null,
  ): Promise<Kept> {
    const shown = results.flatMap(storedBy);
    const compared = results.flatMap(({ autoSupersede }) =>
      autoSupersede.flatMap(({ memoryId, supersession }) => (supersession ? [memoryId] : [])),
    );
    const [found, reasonings] = await timed(
      'db',
      Promise.all([
        shown.length === 0 ? NONE : this.memories.findMany({ accountId, tenantId }, shown, {}),
        compared.length === 0 ? [] : this.supersession.findReasoning(accountId, compared),
      ]),
    );
    return { found, reasonings };
  }
}

const NONE: FoundMemories = { memories: [], leftOut: 0 };

/** What its answer shows as memories: in content mode an id is answer enough. */
const storedBy = ({ status, memoryIds }: WriteResult): readonly string[] =>
  status === 'extracted' ? memoryIds : [];

function view(
  accountId: string,
  result: WriteResult,
  { found, reasonings }: Kept,
  reader: Reader,
): RememberedView {
  const { status, tenantId, memoryIds, autoSupersede } = result;
  if (status === 'dry_run') return viewDryRun(accountId, result, reader);
  if (status === 'extracted') return viewExtracted(accountId, result, found, reasonings, reader);
  const memoryId = memoryIds[0] ?? '';
  const [outcome = uncompared(memoryId, 'disabled')] = autoSupersede;
  const supersession = viewAutoSupersede(outcome, reasonings);
  return viewSaved({ status, memoryId }, { accountId, tenantId }, supersession);
}
