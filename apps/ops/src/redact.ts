const HIDDEN = '[sealed]';

/** Job data fit to be shown: ids as they are, the envelope not at all, unknown fields not either. */
export function redactJobData(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      name === 'sealed' ? HIDDEN : SHOWN.has(name) ? value : HIDDEN,
    ]),
  );
}

/** What may be seen is listed, not what may not: a field that is added later is hidden until somebody decides. */
const SHOWN = new Set([
  'v',
  'writeId',
  'queryId',
  'accountId',
  'run',
  'stored',
  'llmAccount',
  'requestId',
  'traceparent',
]);
