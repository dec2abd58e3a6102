/** A command to be pasted into a shell as it stands. In JSON, `$NAME` as a whole value is filled in by the shell. */
export function curl(url: string, apiKey: string, body: Readonly<Record<string, unknown>>): string {
  return [
    `curl -sS ${url} \\`,
    `  -H 'Authorization: Bearer ${apiKey}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quote(render(body))}`,
  ].join('\n');
}

/** One line a field, one line a message: short enough to read, plain enough to edit. */
function render(body: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(body).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${field(value)}`,
  );
  return `{\n${fields.join(',\n')}\n}`;
}

function field(value: unknown): string {
  if (!Array.isArray(value)) return spaced(value);
  return `[\n${value.map((item) => `    ${spaced(item)}`).join(',\n')}\n  ]`;
}

function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`,
  );
  return `{${fields.join(', ')}}`;
}

/** Single quotes for the shell, opened only for a variable. */
function quote(text: string): string {
  const quoted = text.replaceAll("'", `'\\''`);
  return `'${quoted.replace(/"\$([A-Z][A-Z0-9_]*)"/g, `"'"$$$1"'"`)}'`;
}
