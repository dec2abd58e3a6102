import type { Failure } from '../wire.js';

/** One row of a failure table. */
export function row(
  name: string,
  status: number,
  body: Failure['body'],
  headers?: Failure['headers'],
): Failure {
  return { name, status, body, ...(headers && { headers }) };
}

/** Finds a row by its name. */
export function rowNamed(rows: readonly Failure[], name: string): Failure {
  const failure = rows.find((one) => one.name === name);
  if (failure === undefined) throw new Error(`No such failure: ${name}`);
  return failure;
}
