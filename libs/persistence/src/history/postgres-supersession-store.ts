import { type Reasoning, SupersessionStore } from '@app/memory';
import { In } from 'typeorm';

import { ClassificationRow } from '../entities/classification.entity.js';
import { foldHash, tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';

/** Uses the unique index `memories_one_current_per_fold`. */
const FIND_CURRENT = `
  select given.at
    from unnest($4::text[]) with ordinality as given(fold_hash, at)
   where exists (select from memories
                  where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = decode(given.fold_hash, 'hex') and current)`;

export class PostgresSupersessionStore extends SupersessionStore {
  constructor(private readonly database: Database) {
    super();
  }

  async findStanding(
    place: Parameters<SupersessionStore['findStanding']>[0],
    texts: readonly string[],
  ): Promise<ReadonlySet<number>> {
    const rows = await this.database.query<{ at: string }>(FIND_CURRENT, [
      place.accountId,
      tenantColumn(place.tenantId),
      place.source,
      texts.map((text) => foldHash(text).toString('hex')),
    ]);
    return new Set(rows.map(({ at }) => Number(at) - 1));
  }

  findReasoning(accountId: string, memoryIds: readonly string[]): Promise<readonly Reasoning[]> {
    return this.database.read(accountId, (connection) =>
      connection.repository(ClassificationRow).find({
        select: { memoryId: true, candidateId: true, reasoning: true },
        where: { accountId, memoryId: In(memoryIds) },
      }),
    );
  }
}
