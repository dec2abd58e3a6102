import { EXCERPT_CHARACTERS } from '../memories/excerpt.js';
import type { CandidateFact, Message, WriteScope } from './write.js';

/** A message that a fact of a dry run cites, or its beginning. */
export interface CitedMessage extends Message {
  readonly position: number;
  /** Absent: the content is whole, or an older worker stored it. */
  readonly shortened?: boolean | undefined;
}

/** A fact as it would have been stored: `validFrom` is decided. */
export interface DryFact extends CandidateFact {
  readonly validFrom: Date;
  readonly capturedAt: Date;
}

/** What a dry run found, with all that its facts would have had as memories. Each cited message once. */
export interface DryRun extends Pick<
  WriteScope,
  'source' | 'sessionId' | 'externalId' | 'metadata'
> {
  readonly messages: readonly CitedMessage[];
  readonly facts: readonly DryFact[];
  /** How many facts more were found than one answer has room for. Absent: none, or an older worker. */
  readonly leftOut?: number | undefined;
}

/** The names of the fields, moments and numbers of a memory. */
const FRAME_BYTES = 1_000;

/** A control character is six bytes of JSON. */
const MAX_BYTES_OF_EXCERPT = 6 * EXCERPT_CHARACTERS;

/** How many bytes of an answer each fact of a dry run takes at most, as the memory that it would have been. */
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
