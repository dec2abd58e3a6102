import type { JobKind } from '@app/memory';

/** The table of each kind. Statements for both differ in nothing else. */
export const JOB_TABLES = { write: 'writes', query: 'queries' } as const satisfies Record<
  JobKind,
  string
>;
