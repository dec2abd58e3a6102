/**
 * What the log may know of a bug: its kind and where it was thrown. Not its message, which may quote what was being
 * read (a header with a key, a body, a row), and none of its fields (statement parameters).
 */
export function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return `A ${typeof error} was thrown.`;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`${error.name}${code}`, ...frames].join('\n');
}
