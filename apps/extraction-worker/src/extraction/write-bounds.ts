/** The bounds of one write, for all parts of its conversation together. The note counts the facts beyond them. */

export const MAX_FACTS = 2_000;
export const MAX_FACTS_BYTES = 1024 * 1024;
/** The same limit as in content mode. */
export const MAX_FACT_BYTES = 32 * 1024;
/** Each cited message is stored and indexed with its fact. */
export const MAX_CITED_MESSAGES = 50;

const MIN_FACTS_OF_PART = 30;
const MAX_FACTS_OF_PART = 500;
const BYTES_PER_FACT = 60;

/**
 * The number of facts that a part can hold. A dense conversation has about one fact in 60 bytes: 60 Latin letters or 20
 * Chinese characters.
 */
export function maxFactsIn(textBytes: number): number {
  const dense = Math.ceil(textBytes / BYTES_PER_FACT);
  return Math.min(MAX_FACTS_OF_PART, Math.max(MIN_FACTS_OF_PART, dense));
}

/** Numbers of facts that the bounds left out or split. */
export interface CurtailedFacts {
  /** Facts that are not stored. */
  readonly leftOut: number;
  /** Facts that were too long and are stored as several. */
  readonly split: number;
}

/** Null: every fact is stored as the model wrote it. */
export function curtailedNote({ leftOut, split }: CurtailedFacts): string | null {
  const sentences = [
    leftOut > 0 &&
      `${leftOut} ${leftOut === 1 ? 'fact was' : 'facts were'} left out: a write stores at most 2,000 facts and 1 MiB of their text, and no more than its messages can hold.`,
    split > 0 &&
      `${split} ${split === 1 ? 'fact' : 'facts'} of more than 32 KiB ${split === 1 ? 'was' : 'were'} stored in parts.`,
  ].filter((sentence) => sentence !== false);
  return sentences.length === 0 ? null : sentences.join(' ');
}
