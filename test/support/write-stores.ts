import { randomUUID } from 'node:crypto';

import {
  ALL_TENANTS,
  type Asker,
  type NewWrite,
  type SeenMemory,
  type StoredJob,
  type WriteClaim,
  type WriteJob,
} from '@app/memory';
import { aNewWrite } from '@app/memory/testing';
import { PostgresMemoryStore } from '@app/persistence';

import { connectedDatabase } from './connected.js';
import { CallersJobs, SingleWrites } from './single-jobs.js';

export const asker = (): Asker => ({ accountId: randomUUID(), apiKeyId: randomUUID() });

/** The stores that a write passes through, on a fresh database, and functions that read what the write stored. */
export async function writeStores() {
  const { database, close } = await connectedDatabase();
  const writes = new SingleWrites(database);
  const memories = new PostgresMemoryStore(database);
  const jobs = new CallersJobs(database);

  async function accepted(given: Partial<NewWrite> = {}): Promise<NewWrite> {
    const write = aNewWrite(given);
    await writes.accept([write]);
    return write;
  }

  async function claimed(given: Partial<NewWrite> = {}): Promise<WriteClaim> {
    const { id } = await accepted(given);
    return reclaimed(id);
  }

  async function reclaimed(writeId: string): Promise<WriteClaim> {
    const claim = await writes.claim(writeId, 1);
    if (claim === undefined) throw new Error('The write could not be claimed');
    return claim;
  }

  async function row(writeId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const [found] = await database.query<Record<string, unknown>>(
      'select * from writes where id = $1',
      [writeId],
    );
    return found;
  }

  async function jobOf({ asker: { accountId }, id: writeId }: WriteClaim): Promise<WriteJob> {
    const job: StoredJob | undefined = await jobs.find(accountId, writeId);
    if (job?.kind !== 'write') throw new Error('The write is not there');
    return job;
  }

  const heldBy = async (accountId: string): Promise<readonly SeenMemory[]> => {
    const page = await memories.list({
      scope: { accountId, tenantId: ALL_TENANTS },
      filter: {},
      moment: {},
      includeSuperseded: false,
      limit: 1_000,
    });
    return page.memories;
  };

  return {
    database,
    close,
    writes,
    memories,
    jobs,
    accepted,
    claimed,
    reclaimed,
    row,
    jobOf,
    heldBy,
  };
}

export type WriteStores = Awaited<ReturnType<typeof writeStores>>;
