import type { Message } from '@app/memory';

/** A message as the prompt shows it: whole, or a slice of it if the message is longer than a part may be. */
export interface Excerpt {
  /** Index of the message in the write, from 0. */
  readonly position: number;
  readonly role: Message['role'];
  readonly name: string | null;
  readonly at: Date | null;
  readonly atOffsetMinutes?: number | undefined;
  readonly text: string;
}

export interface PartSize {
  readonly tokens: number;
  /** At most this many messages are repeated from the part before, so that "yes, that one" has its question in the same part. */
  readonly overlap: number;
}

export const PART_SIZE: PartSize = { tokens: 12_000, overlap: 4 };

/** A token has about four bytes in most alphabets and about three in scripts without spaces. */
const BYTES_PER_TOKEN = 3.5;
/** Tokens for the number, role, name and time of each message. */
const FRAME_TOKENS = 25;
/** The largest share of a part that repeated messages may take. */
const OVERLAP_SHARE = 0.25;

export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
}

/**
 * Splits a conversation into parts of at most `tokens`, in order. Each later part begins with the last messages of the part
 * before, as far as they fit. Empty messages are left out.
 */
export function splitConversation(
  messages: readonly Message[],
  { tokens, overlap }: PartSize = PART_SIZE,
): readonly (readonly Excerpt[])[] {
  const parts: Excerpt[][] = [];
  let part: Excerpt[] = [];
  let room = tokens;
  for (const excerpt of messages.flatMap((message, position) =>
    slices(message, position, tokens),
  )) {
    const cost = costOf(excerpt);
    if (cost > room && part.length > 0) {
      parts.push(part);
      part = overlapOf(part, overlap, Math.min(tokens * OVERLAP_SHARE, tokens - cost));
      room = tokens - part.reduce((sum, repeated) => sum + costOf(repeated), 0);
    }
    part.push(excerpt);
    room -= cost;
  }
  return part.length > 0 ? [...parts, part] : parts;
}

function costOf({ text }: Excerpt): number {
  return estimateTokens(text) + FRAME_TOKENS;
}

/** The last messages of a part that fit the overlap. */
function overlapOf(part: readonly Excerpt[], maxMessages: number, tokens: number): Excerpt[] {
  const kept: Excerpt[] = [];
  let room = tokens;
  for (const excerpt of part.toReversed().slice(0, maxMessages)) {
    room -= costOf(excerpt);
    if (room < 0) break;
    kept.unshift(excerpt);
  }
  return kept;
}

function slices({ content, ...message }: Message, position: number, tokens: number): Excerpt[] {
  if (content.trim() === '') return [];
  const { role, name, at, atOffsetMinutes } = message;
  const maxBytes = Math.max(1, Math.floor((tokens - FRAME_TOKENS) * BYTES_PER_TOKEN));
  const texts = Buffer.byteLength(content, 'utf8') <= maxBytes ? [content] : cut(content, maxBytes);
  return texts.map((text) => ({ position, role, name, at, atOffsetMinutes, text }));
}

/** Slices of at most `maxBytes`, cut at white space if there is any in their last tenth, and never inside a character. */
function cut(text: string, maxBytes: number): string[] {
  const bytes = Buffer.from(text, 'utf8');
  const pieces: string[] = [];
  let from = 0;
  while (from < bytes.length) {
    let to = Math.min(from + maxBytes, bytes.length);
    if (to < bytes.length) {
      const space = Math.max(bytes.lastIndexOf(0x20, to), bytes.lastIndexOf(0x0a, to));
      if (space > to - maxBytes / 10) to = space;
      else while (to > from + 1 && isContinuation(bytes[to])) to -= 1;
    }
    pieces.push(bytes.toString('utf8', from, to));
    from = to;
  }
  return pieces;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
