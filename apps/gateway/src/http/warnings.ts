import type { Warning } from './warnings.schemas.js';

export type Warnings = () => readonly Warning[];

/** An answer with what the gateway passed over in its request; one that is no JSON object stays as it is. */
export function withWarnings(answer: unknown, warnings: readonly Warning[]): unknown {
  if (warnings.length === 0 || !isPlainObject(answer)) return answer;
  return { ...answer, warnings };
}

/** A stream and a buffer are objects of a class. */
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
