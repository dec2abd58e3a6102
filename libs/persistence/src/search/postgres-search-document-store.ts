import { SearchDocumentStore } from '@app/memory';

import { foldHash } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { buildSearchDocuments, SEARCH_FORM } from './search-documents.js';
import type { Statements } from '../sql/statements.js';

/** Uses the index `memories_of_older_form`, so the condition must be that of the index. */
const OUTDATED_ACCOUNT = `
  select account_id as "accountId" from memories where search_form < ${SEARCH_FORM} order by account_id, id limit 1`;
/**
 * `for update`: an erasure locks the same rows, so a rebuild cannot restore words of an erased turn. A row that is locked is
 * rebuilt in a later round.
 */
const OUTDATED = `
  select id, text, fold_hash as "foldHash" from memories where account_id = $1 and search_form < ${SEARCH_FORM}
   order by id limit $2 for update skip locked`;
/** Changes no row if the new fold would make two current memories duplicates: no rule says which of them to end. */
const FOLD = `
  update memories m set fold_hash = $3
   where m.account_id = $1 and m.id = $2
     and not (m.current and exists (
       select from memories o
        where o.account_id = m.account_id and o.tenant_id = m.tenant_id and o.source = m.source and o.fold_hash = $3 and o.current))`;

interface OutdatedRow {
  readonly id: string;
  readonly text: string;
  readonly foldHash: Buffer;
}

export class PostgresSearchDocumentStore extends SearchDocumentStore {
  constructor(private readonly database: Database) {
    super();
  }

  /** Rebuilds documents and folds of one account in each call. */
  rebuildOutdated(limit: number): Promise<number> {
    return this.database.inTransaction(async (statements) => {
      const [first] = await statements.query<{ accountId: string }>(OUTDATED_ACCOUNT);
      if (first === undefined) return 0;
      const { accountId } = first;
      const rows = await statements.query<OutdatedRow>(OUTDATED, [accountId, limit]);
      await foldAnew(statements, accountId, rows);
      await buildSearchDocuments(
        statements,
        accountId,
        rows.map(({ id }) => id),
        SEARCH_FORM,
      );
      return rows.length;
    });
  }
}

/** Updates one row at a time, because two of them may become duplicates. Few folds change at all. */
async function foldAnew(
  statements: Statements,
  accountId: string,
  rows: readonly OutdatedRow[],
): Promise<void> {
  for (const { id, text, foldHash: before } of rows) {
    const fold = foldHash(text);
    if (!fold.equals(before)) await statements.query(FOLD, [accountId, id, fold]);
  }
}
