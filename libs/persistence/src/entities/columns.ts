import type { ColumnOptions } from 'typeorm';

/** A time with milliseconds, the precision of a JavaScript Date. */
export const TIME = { type: 'timestamptz', precision: 3 } as const satisfies ColumnOptions;
export const MAYBE_TIME = { ...TIME, nullable: true } as const satisfies ColumnOptions;
export const MAYBE_TEXT = { type: 'text', nullable: true } as const satisfies ColumnOptions;
export const MAYBE_JSON = { type: 'jsonb', nullable: true } as const satisfies ColumnOptions;
/** '' is the default tenant. */
export const TENANT = { type: 'text', default: '' } as const satisfies ColumnOptions;
