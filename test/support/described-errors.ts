import { CODES } from '@app/errors';

const HEAD = `# Errors

Every error is \`application/problem+json\` (RFC 9457): \`{type, title, status, code, detail, request_id, errors?, provider?, retryable, retry_after_ms?}\`.
\`code\` is stable; \`detail\` says what to do; \`type\` leads to the code's place on the page that the gateway serves at \`/docs/errors\`. A failed job carries the same
object in \`error\`. This page is written from the table in \`libs/errors\` by \`npm run errors\`, and a test holds it to it.

| Code | Status | Retryable | Meaning | What to do |
| --- | --- | --- | --- | --- |
`;

/** `docs/errors.md`, as the table says it. */
export function describedErrors(): string {
  const rows = Object.entries(CODES).map(
    ([code, { status, retryable, meaning, remedy }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${meaning} | ${remedy} |\n`,
  );
  return HEAD + rows.join('');
}
