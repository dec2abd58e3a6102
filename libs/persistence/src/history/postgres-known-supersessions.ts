import {
  type ClassifiedPair,
  type SupersessionEvidence,
  KnownSupersessions,
  MAX_CITED_TURNS,
  MAX_KNOWN,
  type Moment,
  type Scope,
} from '@app/memory';

import { believed, inScope } from '../sql/conditions.js';
import type { Database } from '../sql/database.js';
import { type Statements, Values } from '../sql/statements.js';

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

interface TurnRow {
  readonly memory_id: string;
  readonly turn_id: string;
  readonly sha256: string;
}

export class PostgresKnownSupersessions extends KnownSupersessions {
  constructor(private readonly database: Database) {
    super();
  }

  find(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<SupersessionEvidence> {
    if (memoryIds.length === 0) return Promise.resolve({ links: [], pairs: [], turns: [] });
    return this.database.read(
      scope.accountId,
      async (statements) => ({
        links: await readLinks(statements, scope, memoryIds, moment),
        pairs: await readPairs(statements, scope, memoryIds, moment),
        turns: await readTurns(statements, scope, memoryIds),
      }),
      signal,
    );
  }
}

async function readLinks(
  statements: Statements,
  scope: Scope,
  memoryIds: readonly string[],
  moment: Moment,
): Promise<SupersessionEvidence['links']> {
  const values = new Values();
  const rows = await statements.query<LinkRow>(
    `select link.* from unnest(${values.add(memoryIds)}::uuid[]) as given(id) cross join lateral (
       select v.memory_id, v.superseded_by, v.valid_to
         from memory_versions v join memories m on m.id = v.memory_id
        where v.superseded_by = given.id and ${believed(moment, values)} and ${inScope(scope, {}, values)}
        order by v.valid_to, v.memory_id limit ${MAX_KNOWN + 1}) as link
      order by link.valid_to, link.memory_id`,
    values.list,
  );
  return rows.map((row) => ({
    supersededId: row.memory_id,
    successorId: row.superseded_by,
    validTo: row.valid_to,
  }));
}

async function readPairs(
  statements: Statements,
  scope: Scope,
  memoryIds: readonly string[],
  { transactionAsOf }: Moment,
): Promise<SupersessionEvidence['pairs']> {
  const values = new Values();
  const ids = values.add(memoryIds);
  const known =
    transactionAsOf === undefined
      ? 'true'
      : `c.classified_at <= ${values.add(transactionAsOf)}::timestamptz`;
  const within = `${known} and ${inScope(scope, {}, values)}`;
  // Each side uses its own index. A pair of two given memories is found twice, and `distinct` keeps it once.
  const of = (side: string): string => `
    (select c.memory_id, c.candidate_id, c.verdict, c.confidence, c.model, c.classified_at
       from classifications c join memories m on m.id = c.memory_id
      where c.${side} = given.id and ${within}
      order by c.classified_at, c.memory_id, c.candidate_id limit ${MAX_KNOWN + 1})`;
  const rows = await statements.query<PairRow>(
    `select distinct pair.* from unnest(${ids}::uuid[]) as given(id) cross join lateral (
       ${of('memory_id')} union all ${of('candidate_id')}) as pair
      order by classified_at, memory_id, candidate_id`,
    values.list,
  );
  return rows.map((row) => ({
    memoryId: row.memory_id,
    candidateId: row.candidate_id,
    verdict: row.verdict,
    confidence: row.confidence,
    model: row.model,
    classifiedAt: row.classified_at,
  }));
}

/** A turn that many memories cite is hashed once. */
async function readTurns(
  statements: Statements,
  scope: Scope,
  memoryIds: readonly string[],
): Promise<SupersessionEvidence['turns']> {
  const values = new Values();
  const rows = await statements.query<TurnRow>(
    `with cited as materialized (
       select m.id as memory_id, turn.id, turn.position
         from memories m cross join lateral (
           select t.id, t.position from memory_turns c join turns t on t.id = c.turn_id
            where c.memory_id = m.id order by t.position limit ${MAX_CITED_TURNS}) as turn
        where m.id = any(${values.add(memoryIds)}::uuid[]) and ${inScope(scope, {}, values)}
     ), hashed as materialized (
       select t.id, encode(sha256(convert_to(t.text, 'UTF8')), 'hex') as sha256
         from turns t where t.id in (select id from cited)
     )
     select cited.memory_id, cited.id as turn_id, hashed.sha256
       from cited join hashed on hashed.id = cited.id order by cited.memory_id, cited.position`,
    values.list,
  );
  return rows.map(({ memory_id, turn_id, sha256 }) => ({
    memoryId: memory_id,
    turnId: turn_id,
    sha256,
  }));
}
