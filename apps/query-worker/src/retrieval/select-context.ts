import { cutText } from '@app/llm-providers';
import type { Hit } from '@app/memory';

/** A retrieved memory as the prompt shows it. `number` is the N of `[mem-N]`: its rank among all hits, from 1. */
export interface ContextMemory {
  readonly number: number;
  readonly hit: Hit;
  /** The turns that the fact came from, possibly shortened. */
  readonly said: string;
}

export interface ContextSize {
  readonly tokens: number;
  /** At most this many characters of a memory's source turns are shown. */
  readonly saidCharacters: number;
}

export const CONTEXT_SIZE: ContextSize = { tokens: 12_000, saidCharacters: 600 };

/** A token has about four bytes in most alphabets and about three in scripts without spaces. */
const BYTES_PER_TOKEN = 3.5;
/** Tokens for the number, the times and the field names of each memory. */
const FRAME_TOKENS = 50;

/**
 * Selects the best hits that fit, in their order. A hit whose source turns do not fit is shown without them. The first hit
 * is always shown.
 */
export function selectContext(
  hits: readonly Hit[],
  { tokens, saidCharacters }: ContextSize = CONTEXT_SIZE,
): readonly ContextMemory[] {
  const selected: ContextMemory[] = [];
  let room = tokens;
  for (const [index, hit] of hits.entries()) {
    const { text, topic, turns } = hit.seen.memory;
    const bare = estimateTokens(text + topic) + FRAME_TOKENS;
    const whole = shorten(turns.map((turn) => turn.text).join('\n'), saidCharacters);
    const said = bare + estimateTokens(whole) <= room ? whole : '';
    const cost = bare + estimateTokens(said);
    if (cost > room && index > 0) break;
    selected.push({ number: index + 1, hit, said });
    room -= cost;
  }
  return selected;
}

function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${cutText(text, most).trimEnd()}…`;
}
