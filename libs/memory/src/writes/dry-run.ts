import { EXCERPT_CHARACTERS } from '../memories/excerpt.js';
import type { CandidateFact, Message, WriteScope } from './write.js';

/** A message that a fact of a dry run cites. A long message is cut to its beginning. */
export interface CitedMessage extends Message {
  readonly position: number;
  /** True when `content` is cut off. Rows of older workers do not have it. */
  readonly shortened?: boolean | undefined;
}

/** A fact as it would have been stored: `validFrom` is decided. */
export interface DryFact extends CandidateFact {
  readonly validFrom: Date;
  readonly capturedAt: Date;
}

/** The facts of a dry run, with the fields that they would have had as memories. Each cited message is included once. */
export interface DryRun extends Pick<
  WriteScope,
  'source' | 'sessionId' | 'externalId' | 'metadata'
> {
  readonly messages: readonly CitedMessage[];
  readonly facts: readonly DryFact[];
  /** How many facts one answer had no room for. Absent: none, or the row was written by an older worker. */
  readonly leftOut?: number | undefined;
}

/** Bytes for the names of the fields, times and numbers of a memory. */
const FRAME_BYTES = 1_000;

/** The largest size of an excerpt: a control character takes six bytes in JSON. */
const MAX_BYTES_OF_EXCERPT = 6 * EXCERPT_CHARACTERS;

/** The largest number of bytes that each fact of a dry run can take in an answer. It shows source, session and text twice. */
export function sizesOfDryFacts({
  source,
  sessionId,
  externalId,
  metadata,
  messages,
  facts,
}: DryRun): readonly number[] {
  const ofAll =
    FRAME_BYTES + jsonBytes([source, source, sessionId, sessionId, externalId, metadata]);
  const said = new Map(messages.map(({ position, content }) => [position, jsonBytes(content)]));
  return facts.map(({ text, topic, positions }) => {
    const excerpt = positions.reduce((sum, position) => sum + (said.get(position) ?? 0), 0);
    const own = 2 * jsonBytes(text) + jsonBytes(topic);
    return ofAll + own + Math.min(excerpt, MAX_BYTES_OF_EXCERPT);
  });
}

const jsonBytes = (value: unknown): number =>
  new TextEncoder().encode(JSON.stringify(value)).length;
