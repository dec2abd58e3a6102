import {
  type ClassifiedPair,
  type KnownOf,
  KnownSupersessions,
  type Moment,
  type Scope,
} from '@app/memory';

import { believed, inScope } from './conditions.js';
import type { Database } from './database.js';
import { Values } from './statements.js';

interface LinkRow {
  readonly memory_id: string;
  readonly superseded_by: string;
  readonly valid_to: Date | null;
}

interface PairRow {
  readonly memory_id: string;
  readonly candidate_id: string;
  readonly verdict: ClassifiedPair['verdict'];
  readonly confidence: number;
  readonly model: string;
  readonly classified_at: Date;
}

export class PostgresKnownSupersessions extends KnownSupersessions {
  constructor(private readonly database: Database) {
    super();
  }

  async of(scope: Scope, memoryIds: readonly string[], moment: Moment): Promise<KnownOf> {
    if (memoryIds.length === 0) return { links: [], pairs: [] };
    const [links, pairs] = await Promise.all([
      this.#links(scope, memoryIds, moment),
      this.#pairs(scope, memoryIds, moment),
    ]);
    return {
      links: links.map((row) => ({
        supersededId: row.memory_id,
        successorId: row.superseded_by,
        validTo: row.valid_to,
      })),
      pairs: pairs.map((row) => ({
        memoryId: row.memory_id,
        candidateId: row.candidate_id,
        verdict: row.verdict,
        confidence: row.confidence,
        model: row.model,
        classifiedAt: row.classified_at,
      })),
    };
  }

  #links(scope: Scope, memoryIds: readonly string[], moment: Moment): Promise<readonly LinkRow[]> {
    const values = new Values();
    return this.database.query<LinkRow>(
      `select v.memory_id, v.superseded_by, v.valid_to
         from memory_versions v join memories m on m.id = v.memory_id
        where v.superseded_by = any(${values.add(memoryIds)}::uuid[]) and ${believed(moment, values)}
          and ${inScope(scope, {}, values)}
        order by v.valid_to, v.memory_id`,
      values.list,
    );
  }

  #pairs(
    scope: Scope,
    memoryIds: readonly string[],
    { transactionAsOf }: Moment,
  ): Promise<readonly PairRow[]> {
    const values = new Values();
    const ids = values.add(memoryIds);
    const known =
      transactionAsOf === undefined
        ? 'true'
        : `c.classified_at <= ${values.add(transactionAsOf)}::timestamptz`;
    return this.database.query<PairRow>(
      `select c.memory_id, c.candidate_id, c.verdict, c.confidence, c.model, c.classified_at
         from classifications c join memories m on m.id = c.memory_id
        where (c.memory_id = any(${ids}::uuid[]) or c.candidate_id = any(${ids}::uuid[])) and ${known}
          and ${inScope(scope, {}, values)}
        order by c.classified_at, c.memory_id, c.candidate_id`,
      values.list,
    );
  }
}
