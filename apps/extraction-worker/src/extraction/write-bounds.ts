/** The bounds of one whole write, however many parts its conversation has. The note counts the facts beyond them. */

export const MAX_FACTS = 2_000;
export const MAX_FACTS_BYTES = 1024 * 1024;
/** The limit of content mode. */
export const MAX_FACT_BYTES = 32 * 1024;
/** A fact rests on few messages; each that it cites is stored and indexed with it. */
export const MAX_CITED_MESSAGES = 50;

const FEWEST_FACTS = 30;
const MAX_FACTS_OF_PART = 500;
const BYTES_PER_FACT = 60;

/**
 * How many facts a part can hold: dense conversation has about one per 60 bytes, which are 60 Latin letters or 20 Chinese
 * characters.
 */
export function mostFactsIn(textBytes: number): number {
  const most = Math.ceil(textBytes / BYTES_PER_FACT);
  return Math.min(MAX_FACTS_OF_PART, Math.max(FEWEST_FACTS, most));
}

/** Facts that the bounds left out or split. */
export interface Curtailed {
  /** Facts that are not stored. */
  readonly leftOut: number;
  /** Facts that became several. */
  readonly split: number;
}

/** Null where every fact is stored as the model wrote it. */
export function curtailedNote({ leftOut, split }: Curtailed): string | null {
  const sentences = [
    leftOut > 0 &&
      `${leftOut} ${leftOut === 1 ? 'fact was' : 'facts were'} left out: a write stores at most 2,000 facts and 1 MiB of their text, and no more than its messages can hold.`,
    split > 0 &&
      `${split} ${split === 1 ? 'fact' : 'facts'} of more than 32 KiB ${split === 1 ? 'was' : 'were'} stored in parts.`,
  ].filter((sentence) => sentence !== false);
  return sentences.length === 0 ? null : sentences.join(' ');
}
