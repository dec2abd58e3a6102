import { fold } from '@app/memory';
import { createHash } from 'node:crypto';

import { storable } from './storable.js';

/** The default tenant is '' in a column and null in the domain. */
export const tenantColumn = (tenantId: string | null): string => tenantId ?? '';
export const tenantOf = (column: string): string | null => (column === '' ? null : column);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id may come from a caller, and Postgres rejects a statement whose id is not a UUID. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** The type of a value that was stored as JSON and read again: its dates are strings. */
export type Stored<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Stored<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Stored<T[Key]> }
      : T;

export const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** The column `fold_hash`: equal for texts that count as the same fact. */
export function foldHash(text: string): Buffer {
  return createHash('sha256')
    .update(fold(storable(text)))
    .digest();
}
