import type { CandidateFact, WriteClaim } from '@app/memory';
import { anAnswer, extracted } from '@app/memory/testing';
import { Database } from '@app/persistence';
import { inject } from 'vitest';

import { type GatewayBench, startGateway } from './gateway.js';
import { standing } from './planted.js';
import { SingleQueries, SingleWrites } from './single-jobs.js';

/** A gateway without workers. The functions here do the workers' part for the jobs that are posted to it. */
export interface ErasureBench {
  readonly gateway: GatewayBench;
  readonly database: Database;
  readonly writes: SingleWrites;
  readonly queries: SingleQueries;
  /** Posts an asynchronous write. @returns its id. */
  write(body: Readonly<Record<string, unknown>>, key?: string): Promise<string>;
  claim(writeId: string): Promise<WriteClaim>;
  /** Posts an asynchronous write and ends it with these facts. @returns the ids of the memories, in their order. */
  remember(
    body: Readonly<Record<string, unknown>>,
    facts: readonly CandidateFact[],
    note?: string,
  ): Promise<readonly string[]>;
  /** Posts an asynchronous query and ends it with an answer that cites these memories. @returns its id. */
  ask(
    body: Readonly<Record<string, unknown>>,
    text: string,
    memoryIds: readonly string[],
  ): Promise<string>;
  /** Stores a classifier's verdict on two memories. */
  classify(memoryId: string, candidateId: string, reasoning: string): Promise<void>;
  /** The names of the words that are stored anywhere in Postgres or Redis. */
  standing(words: Readonly<Record<string, string>>): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function erasureBench(): Promise<ErasureBench> {
  const gateway = await startGateway({ BUNDLED_LLM: 'true' });
  const database = await Database.connect({ url: gateway.databaseUrl, poolSize: 8 });
  const writes = new SingleWrites(database);
  const queries = new SingleQueries(database);

  async function later(url: string, body: unknown, key?: string): Promise<string> {
    const headers = { prefer: 'respond-async' };
    const accepted = await gateway.send(url, { body, headers, ...(key !== undefined && { key }) });
    if (accepted.status !== 202) throw new Error(`Not accepted: ${accepted.status}`);
    return accepted.json.job_id;
  }

  const write: ErasureBench['write'] = (body, key) => later('/agent/memories', body, key);

  async function claim(writeId: string): Promise<WriteClaim> {
    const claimed = await writes.claim(writeId, 1);
    if (!claimed) throw new Error('The write could not be claimed');
    return claimed;
  }

  return {
    gateway,
    database,
    writes,
    queries,
    write,
    claim,
    async remember(body, facts, note) {
      const claimed = await claim(await write(body));
      await writes.complete(claimed, extracted(facts, { note: note ?? null }));
      const rows = await database.query<{ id: string; text: string }>(
        'select id, text from memories where write_id = $1',
        [claimed.id],
      );
      return facts.map(({ text }) => rows.find((row) => row.text === text)?.id ?? '');
    },
    async ask(body, text, memoryIds) {
      const queryId = await later('/agent/query', body);
      const claimed = await queries.claim(queryId, 1);
      if (!claimed) throw new Error('The query could not be claimed');
      const hits = memoryIds.map((memoryId) => ({ memoryId, similarity: 1, cited: true }));
      await queries.complete(claimed, anAnswer({ text, hits }));
      return queryId;
    },
    async classify(memoryId, candidateId, reasoning) {
      await database.query(
        `insert into classifications (memory_id, candidate_id, account_id, verdict, confidence, reasoning, model, classified_at)
         values ($1, $2, $3, 'independent', 0.9, $4, 'm', now())`,
        [memoryId, candidateId, gateway.accountId, reasoning],
      );
    },
    standing: (words) =>
      standing(words, { postgres: gateway.databaseUrl, redis: inject('redisUrl') }),
    async close() {
      await database.close();
      await gateway.close();
    },
  };
}
