import type { z } from 'zod';

import { parseBounded } from './boundary/bounded-json.js';
import type { Scrubber } from './boundary/scrub.js';

export type ReadObject<Value> =
  { readonly value: Value } | { readonly fault: string; readonly sawJson: boolean };

/** Text that never closes its braces must not cost a scan from each of them. */
const MAX_STARTS = 24;
const MAX_FAULTS = 12;

/**
 * A model's text as a value of a schema. Thoughts and code fences are passed over, so is the schema itself where a model
 * repeats it, and the first JSON value that fits is taken. A fault says what is wrong with the first that does not.
 */
export function readObject<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  scrub: Scrubber,
): ReadObject<z.output<Schema>> {
  let fault: string | undefined;
  for (const candidate of candidatesIn(text)) {
    if (isSchemaEcho(candidate)) {
      fault ??= 'You repeated the JSON Schema. Answer with a value that fits it.';
      continue;
    }
    const read = schema.safeParse(scrub.json(candidate));
    if (read.success) return { value: read.data };
    fault ??= faultsOf(read.error);
  }
  return {
    fault: fault ?? 'There is no complete JSON value in the answer.',
    sawJson: fault !== undefined,
  };
}

function* candidatesIn(text: string): Generator {
  const whole = parse(text);
  if (whole !== undefined) {
    yield whole;
    return;
  }
  const spoken = text
    .replace(/^[\s\S]*<\/think(?:ing)?>/i, '')
    .replace(/<think(?:ing)?>[\s\S]*$/i, '');
  let at = 0;
  for (let starts = 0; starts < MAX_STARTS; starts += 1) {
    const open = spoken.slice(at).search(/[{[]/);
    if (open === -1) return;
    const start = at + open;
    const end = endOf(spoken, start);
    const value = end === undefined ? undefined : parse(spoken.slice(start, end));
    if (value !== undefined) yield value;
    at = value === undefined || end === undefined ? start + 1 : end;
  }
}

/** Where the value that begins at `start` is balanced; brackets inside strings do not count. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    const value = parseBounded(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** https://github.com/getzep/graphiti/issues/868 */
function isSchemaEcho(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'properties' in value && ('type' in value || '$schema' in value || 'required' in value);
}

/** Paths and rules, and none of the values: these words go back to the model only, but a model's words are no prompt of ours. */
function faultsOf(error: z.ZodError): string {
  const faults = error.issues
    .slice(0, MAX_FAULTS)
    .map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  return faults.join('\n');
}
