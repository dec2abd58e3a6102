import { type Reasoning, SupersessionStore } from '@app/memory';

import { tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { foldHash } from '../memories/store-memories.js';

const STANDING = `
  select given.at
    from unnest($4::text[]) with ordinality as given(fold_hash, at)
   where exists (select from memories
                  where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = decode(given.fold_hash, 'hex') and current)`;

const REASONING = `
  select memory_id, candidate_id, reasoning from classifications where account_id = $1 and memory_id = any($2::uuid[])`;

export class PostgresSupersessionStore extends SupersessionStore {
  constructor(private readonly database: Database) {
    super();
  }

  async findStanding(
    place: Parameters<SupersessionStore['findStanding']>[0],
    texts: readonly string[],
  ): Promise<ReadonlySet<number>> {
    const rows = await this.database.query<{ at: string }>(STANDING, [
      place.accountId,
      tenantColumn(place.tenantId),
      place.source,
      texts.map((text) => foldHash(text).toString('hex')),
    ]);
    return new Set(rows.map(({ at }) => Number(at) - 1));
  }

  async findReasoning(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<readonly Reasoning[]> {
    const rows = await this.database.read(accountId, (statements) =>
      statements.query<{ memory_id: string; candidate_id: string; reasoning: string }>(REASONING, [
        accountId,
        memoryIds,
      ]),
    );
    return rows.map(({ memory_id, candidate_id, reasoning }) => ({
      memoryId: memory_id,
      candidateId: candidate_id,
      reasoning,
    }));
  }
}
