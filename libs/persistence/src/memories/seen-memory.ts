import {
  type Category,
  EXCERPT_CHARACTERS,
  type Extraction,
  MAX_CITED_TURNS,
  type Memory,
  MEMORY_BUDGET_BYTES,
  type SeenMemory,
  type Turn,
  WHOLE_CHARACTERS,
} from '@app/memory';

import { type Stored, tenantOf } from '../sql/columns.js';

const COLUMNS = `
  m.id, m.account_id, m.tenant_id, m.source, m.session_id, m.external_id, m.metadata, m.text, m.topic, m.category, m.importance,
  m.created_at, m.captured_at, m.extraction,
  v.valid_from, v.valid_to, v.superseded_by, v.believed_from, v.believed_to`;

/**
 * The first characters of the turns that a memory `m` cites: the SQL of `excerptOf`. `left` reads only the beginning of a long
 * text, and `octet_length` does not read it. The query finds one turn more than is shown, to see whether more exist.
 */
const turnsUpTo = (characters: number): string => `
  coalesce((
    select jsonb_agg(jsonb_build_object(
             'id', t.id, 'position', t.position, 'role', t.role, 'name', t.name, 'saidAt', t.said_at,
             'text', left(t.beginning, greatest(0, ${characters} - t.before)::int), 'bytes', t.bytes) order by t.position)
      from (
        select t.id, t.position, t.role, t.name, t.said_at, b.beginning, octet_length(t.text) as bytes,
               sum(length(b.beginning)) over (order by t.position) - length(b.beginning) as before
          from memory_turns cited join turns t on t.id = cited.turn_id
          cross join lateral (select left(t.text, ${characters}) as beginning) as b
         where cited.memory_id = m.id
         order by t.position limit ${MAX_CITED_TURNS + 1}) as t), '[]') as turns`;

/** Columns for reads of many memories, from `memories m` and the selected version `v`. */
export const SEEN_COLUMNS = `${COLUMNS}, ${turnsUpTo(EXCERPT_CHARACTERS)}`;
/** Columns for the read of one memory. */
export const WHOLE_COLUMNS = `${COLUMNS}, ${turnsUpTo(WHOLE_CHARACTERS)}`;

/** An answer shows a fact's text up to four times, and in content mode its beginning as the message as well. */
const COPIES_OF_TEXT = 5;
/** Bytes for the names of the fields, times, numbers and ids. */
const FRAME_BYTES = 1_000;

/**
 * The largest number of bytes that a row of SEEN_COLUMNS takes in an answer. It counts only fields that never change, so that
 * hits which fit when they are found still fit when they are rendered later. Sizes are those of JSON, where a control
 * character takes six bytes.
 */
const bytesOf = (row: string): string => `(
  ${COPIES_OF_TEXT} * octet_length(to_json(${row}.text)::text) + octet_length(${row}.metadata::text)
  + 2 * octet_length(to_json(concat(${row}.topic, ${row}.source, ${row}.session_id, ${row}.external_id, ${row}.tenant_id))::text)
  + octet_length(${row}.turns::text) + ${FRAME_BYTES})`;

/**
 * Keeps the first rows of a query, as many as one answer has room for, and always the first one. `found` counts all rows.
 * @param rows a query with SEEN_COLUMNS.
 */
export const withinBudget = (rows: string, order: string): string => `
  select * from (
    select seen.*, count(*) over () as found, row_number() over (order by ${order}) as place,
           sum(${bytesOf('seen')}) over (order by ${order} rows unbounded preceding) as bytes
      from (${rows}) as seen) as weighed
   where place = 1 or bytes <= ${MEMORY_BUDGET_BYTES}`;

/** The size of each row of a query with SEEN_COLUMNS. */
export const sizeOfEach = (rows: string): string =>
  `select seen.id, ${bytesOf('seen')}::float8 as bytes from (${rows}) as seen`;

interface StoredTurn extends Stored<Turn> {
  /** Size of the complete text. */
  readonly bytes: number;
}

export interface SeenRow {
  readonly id: string;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly source: string;
  readonly session_id: string | null;
  readonly external_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  readonly created_at: Date;
  readonly captured_at: Date;
  readonly extraction: Stored<Extraction> | null;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly superseded_by: string | null;
  readonly believed_from: Date;
  readonly believed_to: Date | null;
  readonly turns: readonly StoredTurn[];
}

/** A row of `withinBudget`. */
export type WeighedRow = SeenRow & { readonly found: string };

/** How many rows `withinBudget` left out. */
export const leftOutOf = (rows: readonly Pick<WeighedRow, 'found'>[]): number =>
  Number(rows[0]?.found ?? 0) - rows.length;

export function toSeenMemory(row: SeenRow): SeenMemory {
  return {
    memory: {
      id: row.id,
      accountId: row.account_id,
      tenantId: tenantOf(row.tenant_id),
      source: row.source,
      sessionId: row.session_id,
      externalId: row.external_id,
      metadata: row.metadata,
      text: row.text,
      topic: row.topic,
      category: row.category,
      importance: row.importance,
      createdAt: row.created_at,
      capturedAt: row.captured_at,
      extraction: readExtraction(row.extraction),
      ...readTurns(row.turns),
    },
    version: {
      memoryId: row.id,
      validFrom: row.valid_from,
      validTo: row.valid_to,
      supersededBy: row.superseded_by,
      believedFrom: row.believed_from,
      believedTo: row.believed_to,
    },
  };
}

function readTurns(stored: readonly StoredTurn[]): Pick<Memory, 'turns' | 'turnsShortened'> {
  const shown = stored.slice(0, MAX_CITED_TURNS);
  return {
    turns: shown.flatMap(({ bytes, saidAt, ...turn }) =>
      turn.text === '' && bytes > 0
        ? []
        : [{ ...turn, saidAt: saidAt === null ? null : new Date(saidAt) }],
    ),
    turnsShortened:
      shown.length < stored.length ||
      shown.some(({ text, bytes }) => Buffer.byteLength(text) < bytes),
  };
}

function readExtraction(stored: Stored<Extraction> | null): Extraction | null {
  return stored && { ...stored, extractedAt: new Date(stored.extractedAt) };
}
