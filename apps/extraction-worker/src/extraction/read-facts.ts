import { cutText, waitForLoopTurn, plainLine } from '@app/llm-providers';
import { type CandidateFact, CATEGORIES, type Category, type ClockTime } from '@app/memory';
import { z } from 'zod';

import { factText, splitFactText } from './fact-text.js';
import { readDate } from './read-date.js';
import { SourceFinder } from './sources.js';
import type { Excerpt } from './split-conversation.js';
import { type CurtailedFacts, MAX_FACT_BYTES, maxFactsIn } from './write-bounds.js';

const DEFAULT_IMPORTANCE = 5;

/** Reads a number, also one that the model wrote as text. */
function numberOf(given: unknown): number | undefined {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function categoryOf(given: unknown): Category {
  const named = String(given).trim().toLowerCase();
  return CATEGORIES.find((category) => category === named) ?? 'other';
}

/**
 * The answer that the model is asked for. The structure is strict, single values are lenient: one invalid category among
 * thirty facts is replaced by a default, so the whole answer is not generated again.
 */
export const extractedFactsSchema = z.object({
  facts: z.array(
    z.object({
      fact: z.string(),
      topic: z.string().catch(''),
      category: z.enum(CATEGORIES).catch(({ value }) => categoryOf(value)),
      importance: z
        .number()
        .catch(({ value }) => numberOf(value) ?? DEFAULT_IMPORTANCE)
        .describe('A whole number from 1 to 10'),
      valid_from: z
        .string()
        .nullable()
        .catch(({ value }) => (Number.isInteger(value) ? String(value) : null))
        .describe('YYYY-MM-DD, a timestamp with offset, or null'),
      messages: z
        .array(z.number())
        .catch(({ value }) => [value].flat().flatMap((n) => numberOf(n) ?? []))
        .describe('The n of the messages, as shown'),
    }),
  ),
  note: z.string().nullable().catch(null).describe('Why there are no facts, else null'),
});

export type ExtractedFactsAnswer = z.output<typeof extractedFactsSchema>;

export interface FactsRead extends CurtailedFacts {
  readonly facts: readonly CandidateFact[];
  readonly note: string | null;
}

const MAX_TOPIC_CHARACTERS = 80;
const MAX_NOTE_CHARACTERS = 500;
const DEFAULT_TOPIC = 'General';

/**
 * Turns the model's answer into candidate facts. Empty facts are dropped, facts beyond the part's bound are left out and
 * counted, and a fact that is too long is split into several.
 * A fact whose source is missing or wrong is kept: it cites the message that shares most words with it, or, if none shares
 * any, the user messages of the part.
 * @param recorded when the conversation took place. Dates are read by the clock of the cited messages; if these have no
 * time, by this clock.
 * @param clean removes the caller's key from a text of the model. It runs after every step that removes characters inside the
 * text, because such a step could join two halves of the key.
 */
export async function readFacts(
  answer: ExtractedFactsAnswer,
  part: readonly Excerpt[],
  recorded: ClockTime,
  clean: (text: string) => string,
): Promise<FactsRead> {
  const line = (text: string, most: number): string => cutText(clean(plainLine(text)), most).trim();
  const partBytes = part.reduce((sum, { text }) => sum + Buffer.byteLength(text, 'utf8'), 0);
  const sources = new SourceFinder(part);
  const clocks = new Map(part.map((excerpt) => [excerpt.position, excerpt]));
  const slice = new TimeSlice();
  const read = answer.facts.slice(0, maxFactsIn(partBytes));
  const facts: CandidateFact[] = [];
  let split = 0;
  for (const found of read) {
    const texts = splitFactText(clean(factText(found.fact)), MAX_FACT_BYTES);
    if (texts.length > 1) split += 1;
    for (const text of texts) {
      const positions = sources.find(text, found.messages);
      const said = saidAt(positions, clocks) ?? recorded;
      facts.push({
        text,
        topic: line(found.topic, MAX_TOPIC_CHARACTERS) || DEFAULT_TOPIC,
        category: found.category,
        importance: importanceOf(found.importance),
        validFrom: found.valid_from === null ? null : readDate(found.valid_from, said),
        positions,
      });
    }
    await slice.pauseWhenDue();
  }
  const note = line(answer.note ?? '', MAX_NOTE_CHARACTERS) || null;
  return { facts, note, leftOut: answer.facts.length - read.length, split };
}

/** The latest time of these messages, which is also their `capturedAt`. Undefined: none of them has a time. */
function saidAt(
  positions: readonly number[],
  clocks: ReadonlyMap<number, Excerpt>,
): ClockTime | undefined {
  let latest: ClockTime | undefined;
  for (const position of positions) {
    const { at, atOffsetMinutes: offsetMinutes = 0 } = clocks.get(position) ?? {};
    if (at && (latest === undefined || at > latest.at)) latest = { at, offsetMinutes };
  }
  return latest;
}

function importanceOf(given: number): number {
  return Math.min(10, Math.max(1, Math.round(given)));
}

/** A job that has used the event loop for this long lets the other jobs of this worker run. */
const SLICE_MS = 10;

/** Cuts long work into slices. Each slice but the first waits for its own turn of the event loop (`waitForLoopTurn`). */
export class TimeSlice {
  #from = performance.now();

  /** Call it after each step of the work. */
  async pauseWhenDue(): Promise<void> {
    if (performance.now() - this.#from < SLICE_MS) return;
    await waitForLoopTurn();
    this.#from = performance.now();
  }
}
