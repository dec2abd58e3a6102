import type { Category, Extraction, Message, WriteScope } from '@app/memory';

import { releaseEndedFolds } from './release-ended-folds.js';
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
import { LoopYielder, RowSlices } from '../sql/long-work.js';
import type { Statements } from '../sql/statements.js';
import { storable, storableJson } from '../sql/storable.js';

/** The fields that all memories of one write share. */
export interface MemoryOrigin {
  readonly writeId: string;
  readonly accountId: string;
  readonly apiKeyId: string;
  readonly scope: WriteScope;
  readonly extraction: Extraction | null;
  /** The conversation that the memories come from; empty in content mode. */
  readonly messages: readonly Pick<Message, 'content'>[];
  /** The time when the write is stored, by Postgres' clock. */
  readonly now: Date;
}

/** A memory to store. Its search document also holds the words of the cited turns and of their neighbours. */
export interface NewMemory extends CitedPlaces {
  readonly id: string;
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  /** Null: the time when the write is stored. */
  readonly validFrom: Date | null;
  readonly capturedAt: Date | null;
}

/** The columns of a row `r` that `memoryRow` makes. The columns of its turns come after them. */
export const MEMORY_ROW = `ordinal int, id uuid, text text, fold_hash text, topic text, category text, importance smallint,
  captured_at timestamptz, valid_from timestamptz, words text, parts text`;

/**
 * Inserts the facts that no current memory holds yet, in one order for all statements: two of them with the same facts wait
 * for each other and never deadlock.
 * @param from a FROM clause: `r` has a MEMORY_ROW, `w` the write that it comes from. A time that is null is the write's `now`.
 * @param document SQL for the search document of `r`.
 */
export const insertMemoriesFrom = (from: string, document: string): string => `
  insert into memories (id, account_id, tenant_id, source, session_id, external_id, metadata, text, fold_hash, topic, category,
                        importance, write_id, created_at, captured_at, extraction, valid_from, search_document, search_form)
  select r.id, w.account_id, w.tenant_id, w.source, w.session_id, w.external_id, w.metadata, r.text, decode(r.fold_hash, 'hex'),
         r.topic, r.category, r.importance, w.id, w.now, coalesce(r.captured_at, w.now), w.extraction,
         coalesce(r.valid_from, w.now), ${document}, ${SEARCH_FORM}
    ${from}
   order by w.account_id, w.tenant_id, w.source, r.fold_hash, w.id, r.ordinal
      on conflict (account_id, tenant_id, source, fold_hash) where current do nothing
  returning id, account_id, tenant_id, write_id, valid_from, created_at`;

const INSERT_MEMORIES = insertMemoriesFrom(
  `from jsonb_to_recordset($10::jsonb) as r(${MEMORY_ROW}, cited text, neighbours text)
     cross join (select $1::uuid as account_id, $2::text as tenant_id, $3::text as source, $4::text as session_id,
                        $5::text as external_id, $6::jsonb as metadata, $7::uuid as id, $8::timestamptz as now,
                        $9::jsonb as extraction) as w`,
  SEARCH_DOCUMENT,
);

/** Stores the facts that no current memory holds yet. @returns the ids of the stored memories. */
export async function insertMemories(
  statements: Statements,
  origin: MemoryOrigin,
  memories: readonly NewMemory[],
): Promise<ReadonlySet<string>> {
  const stored = await insertRows(statements, origin, memories);
  const left = memories.filter(({ id }) => !stored.has(id));
  if (left.length === 0) return stored;
  // Duplicates are rare, so only a write that has one pays for this statement.
  const folds = left.map(({ text }) => foldHash(text));
  const { accountId, scope, now } = origin;
  const twins = { accountId, tenant: tenantColumn(scope.tenantId), source: scope.source, folds };
  if ((await releaseEndedFolds(statements, twins, now)) === 0) return stored;
  return new Set([...stored, ...(await insertRows(statements, origin, left))]);
}

interface FoldedMemory {
  readonly memory: NewMemory;
  readonly foldHash: string;
  readonly ordinal: number;
}

/** Inserts slice by slice, so that the event loop runs between them. */
async function insertRows(
  statements: Statements,
  origin: MemoryOrigin,
  memories: readonly NewMemory[],
): Promise<ReadonlySet<string>> {
  const loop = new LoopYielder();
  const words = new TurnWords((position) => origin.messages[position]?.content);
  const share = words.shareOf(memories);
  const stored = new Set<string>();
  const slices = new RowSlices(async (rows) => {
    for (const id of await insertSlice(statements, origin, rows)) stored.add(id);
  });
  for (const folded of await inOrderOfFolds(memories, loop)) {
    const row = {
      ...memoryRow(folded),
      ...wordsOfTurns(folded.memory, words, share),
    };
    await slices.add(
      row,
      row.text.length +
        row.words.length +
        row.parts.length +
        row.cited.length +
        row.neighbours.length,
    );
    await loop.yieldIfLong();
  }
  await slices.flush();
  return stored;
}

async function inOrderOfFolds(
  memories: readonly NewMemory[],
  loop: LoopYielder,
): Promise<readonly FoldedMemory[]> {
  const folded: FoldedMemory[] = [];
  for (const [ordinal, memory] of memories.entries()) {
    folded.push(foldedMemory(memory, ordinal));
    await loop.yieldIfLong();
  }
  return folded.toSorted((a, b) =>
    a.foldHash === b.foldHash ? a.ordinal - b.ordinal : a.foldHash < b.foldHash ? -1 : 1,
  );
}

const foldedMemory = (memory: NewMemory, ordinal: number): FoldedMemory => ({
  memory,
  foldHash: foldHash(memory.text).toString('hex'),
  ordinal,
});

const memoryRow = ({ memory, foldHash: fold_hash, ordinal }: FoldedMemory) => ({
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
});

const wordsOfTurns = (memory: CitedPlaces, words: TurnWords, share: number) => ({
  cited: words.at(memory.cited, Math.floor(MAX_CITED_CHARACTERS * share)),
  neighbours: words.at(memory.neighbours, Math.floor(MAX_NEIGHBOUR_CHARACTERS * share)),
});

/** The words of turns in one write, each text once. The rows of the memories refer to it by `key`. */
export interface TurnDocument {
  readonly key: number;
  readonly words: string;
}

/** The rows of a few memories, for a statement that makes each distinct text of turns into a document once. */
export function memoryRows(memories: readonly NewMemory[], messages: MemoryOrigin['messages']) {
  const words = new TurnWords((position) => messages[position]?.content);
  const share = words.shareOf(memories);
  const keys = new Map<string, number>();
  const keyOf = (text: string): number => {
    const key = keys.get(text) ?? keys.size;
    keys.set(text, key);
    return key;
  };
  const facts = memories.map((memory, ordinal) => {
    const { cited, neighbours } = wordsOfTurns(memory, words, share);
    const ofTurns = { cited: keyOf(cited), neighbours: keyOf(neighbours) };
    return { ...memoryRow(foldedMemory(memory, ordinal)), ...ofTurns };
  });
  const documents = [...keys].map(([text, key]): TurnDocument => ({ key, words: text }));
  return { facts, documents };
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

/**
 * Common table expressions that add the first version and the `memory.created` event of new memories.
 * @param memories a FROM item `m`: the columns that `insertMemoriesFrom` returns, and `api_key_id`.
 */
export const insertFirstVersions = (memories: string): string => `
  born as (
    insert into memory_versions (memory_id, account_id, valid_from, believed_from)
    select m.id, m.account_id, m.valid_from, m.created_at from ${memories}
  ), told as (
    insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
    select m.account_id, m.id, m.tenant_id, 'memory.created', m.created_at, m.api_key_id,
           jsonb_build_object('write_id', m.write_id)
      from ${memories}
  )`;

/** The same for stored memories: write $1, account $2, API key $3, memories $4. */
export const INSERT_FIRST_VERSIONS = insertFirstVersions(
  `(select id, account_id, tenant_id, valid_from, created_at, $1::uuid as write_id, $3::uuid as api_key_id
      from memories where id = any($4::uuid[]) and account_id = $2) as m`,
);
