import { CODES } from '@app/errors';
import { createHash } from 'node:crypto';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1f; background: #fff }
  code { font: 0.9em ui-monospace, monospace }
  section { border-top: 1px solid #ddd; padding: 0.5rem 0 }
  section:target { background: #fff7d6 }
  h2 { font-size: 1.1rem; margin: 0.5rem 0 }
  p { margin: 0.25rem 0 }
  h2 a { color: inherit; text-decoration: none }
`;

/** Blocks scripts, requests and framing, and allows the one style sheet by its hash. */
export const ERRORS_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The HTML page that explains each error code. The `type` of a problem links to the anchor of its code. */
export function errorsPage(): string {
  const sections = Object.entries(CODES).map(
    ([code, { status, retryable, title, meaning, remedy }]) => `
<section id="${escaped(code)}">
<h2><a href="#${escaped(code)}"><code>${escaped(code)}</code></a> · ${status} · ${escaped(title)}</h2>
<p>${marked(meaning)}</p>
<p><strong>What to do.</strong> ${marked(remedy)}</p>
<p>Retryable: ${retryable ? 'yes, the same request may succeed later' : 'no, the same request would fail again'}.</p>
</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aurra: errors</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Errors</h1>
<p>Every error is <code>application/problem+json</code> (RFC 9457). <code>code</code> is stable, <code>detail</code> says what to do, <code>request_id</code> names the request in the log.</p>
${sections.join('\n')}
</body>
</html>
`;
}

/** Escapes a text of the table of errors, and shows text in backticks as code. */
const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
