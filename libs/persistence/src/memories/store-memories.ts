import type { Category, Extraction, Message, WriteScope } from '@app/memory';

import { retireEnded } from './retire-ended.js';
import {
  type CitedPlaces,
  MAX_CITED_CHARACTERS,
  MAX_NEIGHBOUR_CHARACTERS,
  SEARCH_DOCUMENT,
  SEARCH_FORM,
  TurnWords,
} from '../search/search-documents.js';
import { searchTextOf } from '../search/search-text.js';
import { foldHash, tenantColumn } from '../sql/columns.js';
import { EventLoop, RowSlices } from '../sql/long-work.js';
import type { Statements } from '../sql/statements.js';
import { storable, storableJson } from '../sql/storable.js';

/** What all memories of one write have in common. */
export interface MemoryOrigin {
  readonly writeId: string;
  readonly accountId: string;
  readonly apiKeyId: string;
  readonly scope: WriteScope;
  readonly extraction: Extraction | null;
  /** The conversation that the memories come from; empty in content mode. */
  readonly messages: readonly Pick<Message, 'content'>[];
  /** When the write is stored, by Postgres' clock. */
  readonly now: Date;
}

/** What it cites, and what was said just before and after that, is put into its search document. */
export interface NewMemory extends CitedPlaces {
  readonly id: string;
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  readonly validFrom: Date;
  readonly capturedAt: Date;
}

const INSERT_MEMORIES = `
  insert into memories (id, account_id, tenant_id, source, session_id, external_id, metadata, text, fold_hash, topic, category,
                        importance, write_id, created_at, captured_at, extraction, valid_from, search_document, search_form)
  select r.id, $1, $2, $3, $4, $5, $6, r.text, decode(r.fold_hash, 'hex'), r.topic, r.category,
         r.importance, $7, $8, r.captured_at, $9, r.valid_from, ${SEARCH_DOCUMENT}, ${SEARCH_FORM}
    from jsonb_to_recordset($10::jsonb) as r(ordinal int, id uuid, text text, fold_hash text, topic text, category text,
           importance smallint, captured_at timestamptz, valid_from timestamptz, words text, parts text, cited text, neighbours text)
   order by r.fold_hash, r.ordinal
      on conflict (account_id, tenant_id, source, fold_hash) where current do nothing
  returning id`;

/**
 * Stores the facts that do not stand already.
 * Rows go in by the order of their folds: two writes with the same facts must wait for each other, not deadlock.
 * @returns the ids of those that were stored.
 */
export async function insertMemories(
  statements: Statements,
  origin: MemoryOrigin,
  memories: readonly NewMemory[],
): Promise<ReadonlySet<string>> {
  const stored = await insertRows(statements, origin, memories);
  const left = memories.filter(({ id }) => !stored.has(id));
  if (left.length === 0) return stored;
  // Asked only now: a twin is rare, and most writes should not pay for one.
  const folds = left.map(({ text }) => foldHash(text));
  const { accountId, scope, now } = origin;
  const twins = { accountId, tenant: tenantColumn(scope.tenantId), source: scope.source, folds };
  if ((await retireEnded(statements, twins, now)) === 0) return stored;
  return new Set([...stored, ...(await insertRows(statements, origin, left))]);
}

interface FoldedMemory {
  readonly memory: NewMemory;
  readonly foldHash: string;
  readonly ordinal: number;
}

/** Slice after slice, each as soon as it is made: between them the event loop runs. */
async function insertRows(
  statements: Statements,
  origin: MemoryOrigin,
  memories: readonly NewMemory[],
): Promise<ReadonlySet<string>> {
  const loop = new EventLoop();
  const words = new TurnWords((position) => origin.messages[position]?.content);
  const share = words.shareOf(memories);
  const stored = new Set<string>();
  const slices = new RowSlices<ReturnType<typeof rowOf>>(async (rows) => {
    for (const id of await insertSlice(statements, origin, rows)) stored.add(id);
  });
  for (const folded of await inOrderOfFolds(memories, loop)) {
    const row = rowOf(folded, words, share);
    await slices.add(
      row,
      row.text.length +
        row.words.length +
        row.parts.length +
        row.cited.length +
        row.neighbours.length,
    );
    await loop.giveWay();
  }
  await slices.flush();
  return stored;
}

async function inOrderOfFolds(
  memories: readonly NewMemory[],
  loop: EventLoop,
): Promise<readonly FoldedMemory[]> {
  const folded: FoldedMemory[] = [];
  for (const [ordinal, memory] of memories.entries()) {
    folded.push({ memory, foldHash: foldHash(memory.text).toString('hex'), ordinal });
    await loop.giveWay();
  }
  return folded.toSorted((a, b) =>
    a.foldHash === b.foldHash ? a.ordinal - b.ordinal : a.foldHash < b.foldHash ? -1 : 1,
  );
}

function rowOf(
  { memory, foldHash: fold_hash, ordinal }: FoldedMemory,
  words: TurnWords,
  share: number,
) {
  return {
    ordinal,
    id: memory.id,
    text: storable(memory.text),
    fold_hash,
    topic: storable(memory.topic),
    category: memory.category,
    importance: memory.importance,
    captured_at: memory.capturedAt,
    valid_from: memory.validFrom,
    ...searchTextOf(memory.text),
    cited: words.at(memory.cited, Math.floor(MAX_CITED_CHARACTERS * share)),
    neighbours: words.at(memory.neighbours, Math.floor(MAX_NEIGHBOUR_CHARACTERS * share)),
  };
}

async function insertSlice(
  statements: Statements,
  { writeId, accountId, scope, extraction, now }: MemoryOrigin,
  rows: readonly unknown[],
): Promise<readonly string[]> {
  const stored = await statements.query<{ id: string }>(INSERT_MEMORIES, [
    accountId,
    tenantColumn(scope.tenantId),
    scope.source,
    scope.sessionId,
    scope.externalId,
    storableJson(scope.metadata),
    writeId,
    now,
    extraction && storableJson(extraction),
    storableJson(rows),
  ]);
  return stored.map(({ id }) => id);
}

/** The first version of each memory just stored, and the event that says so: write $1, account $2, API key $3, memories $4. */
export const FIRST_BELIEFS = `
  born as (
    insert into memory_versions (memory_id, account_id, valid_from, believed_from)
    select id, account_id, valid_from, created_at from memories where id = any($4::uuid[]) and account_id = $2
    returning memory_id, account_id, believed_from
  ), told as (
    insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
    select m.account_id, m.id, m.tenant_id, 'memory.created', born.believed_from, $3, jsonb_build_object('write_id', $1::uuid)
      from born join memories m on m.id = born.memory_id
  )`;
