import { cutText } from '@app/llm-providers';
import type { Hit } from '@app/memory';

/** A retrieved memory as the model is shown it. `number` is the N of `[mem-N]`: its place among all hits, from 1. */
export interface ContextMemory {
  readonly number: number;
  readonly hit: Hit;
  /** The turns that the fact came from, possibly shortened. */
  readonly said: string;
}

export interface ContextSize {
  readonly tokens: number;
  /** So much of a source turn is shown, at most. */
  readonly saidCharacters: number;
}

export const CONTEXT_SIZE: ContextSize = { tokens: 12_000, saidCharacters: 600 };

/** Letters of most alphabets take about four bytes a token, scripts without spaces about three. */
const BYTES_PER_TOKEN = 3.5;
/** Around each memory: its number, its times, the names of the fields. */
const FRAME_TOKENS = 50;

/**
 * The best hits that fit, in their order. When room runs short the source turns go first: the facts stand alone.
 * The first hit is always shown.
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
