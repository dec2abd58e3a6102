/**
 * Describes an unexpected error for the log by its name, code and stack frames. The message is left out, because it may quote
 * input (a header with a key, a body, a row). Other fields are left out, because they may hold the parameters of a statement.
 */
export function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return `A ${typeof error} was thrown.`;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`${error.name}${code}`, ...frames].join('\n');
}
