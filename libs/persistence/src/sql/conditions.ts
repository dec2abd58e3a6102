import { ALL_TENANTS, type MemoryFilter, type Moment, type Scope } from '@app/memory';

import { tenantColumn } from './columns.js';
import type { Values } from './statements.js';

/** Condition on memories (`m`) for a scope and a filter. Every statement that reads memories for a caller must use it. */
export function inScope(scope: Scope, filter: MemoryFilter, values: Values): string {
  const conditions = [`m.account_id = ${values.add(scope.accountId)}`];
  const equal = (column: string, value: unknown): void => {
    if (value !== undefined) conditions.push(`m.${column} = ${values.add(value)}`);
  };
  if (scope.tenantId !== ALL_TENANTS) equal('tenant_id', tenantColumn(scope.tenantId));
  if (filter.sources !== undefined)
    conditions.push(`m.source = any(${values.add(filter.sources)}::text[])`);
  equal('session_id', filter.sessionId);
  equal('topic', filter.topic);
  equal('category', filter.category);
  equal('external_id', filter.externalId);
  if (filter.metadata !== undefined) {
    conditions.push(`not exists (
      select from jsonb_each_text(${values.add(JSON.stringify(filter.metadata))}::jsonb) as wanted
       where m.metadata ->> wanted.key is distinct from wanted.value)`);
  }
  return conditions.join(' and ');
}

/** Condition on versions (`v`): the open one, or the one that was believed at a past moment. At most one per memory matches. */
export function believed({ transactionAsOf }: Moment, values: Values): string {
  if (transactionAsOf === undefined) return 'v.believed_to is null';
  const at = `${values.add(transactionAsOf)}::timestamptz`;
  return `v.believed_from <= ${at} and (v.believed_to is null or v.believed_to > ${at})`;
}

/**
 * Condition that the version was true at `asOf`, or is true now, by the table in docs/api/time.md, "Two time axes". Without
 * `transactionAsOf` it reads the row of the memory (`m`), which repeats the dates of the open version. With only
 * `transactionAsOf`, every version matches. With `andEnded`, a version that had ended by then matches too.
 */
export function trueAt(
  { asOf, transactionAsOf }: Moment,
  values: Values,
  { andEnded = false }: { readonly andEnded?: boolean } = {},
): string {
  if (asOf === undefined && transactionAsOf !== undefined) return 'true';
  const row = transactionAsOf === undefined ? 'm' : 'v';
  const at = asOf === undefined ? 'now()' : `${values.add(asOf)}::timestamptz`;
  const begun = `${row}.valid_from <= ${at}`;
  return andEnded ? begun : `${begun} and (${row}.valid_to is null or ${row}.valid_to > ${at})`;
}
