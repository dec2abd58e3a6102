import { type CandidateFact, CATEGORIES } from '@app/memory';
import { z } from 'zod';

import type { Excerpt } from './split-conversation.js';

const DEFAULT_IMPORTANCE = 5;

/**
 * What the model is asked for. The shape must be right, single values need not be: one odd category among thirty facts
 * is mended, and is no reason to have the whole answer written again.
 */
export const extractedFactsSchema = z.object({
  facts: z.array(
    z.object({
      fact: z.string(),
      topic: z.string().catch(''),
      category: z.enum(CATEGORIES).catch('other'),
      importance: z.number().catch(DEFAULT_IMPORTANCE).describe('A whole number from 1 to 10'),
      valid_from: z
        .string()
        .nullable()
        .catch(null)
        .describe('YYYY-MM-DD, a timestamp with offset, or null'),
      messages: z.array(z.number()).catch([]).describe('The n of the messages'),
    }),
  ),
  note: z.string().nullable().catch(null).describe('Why there are no facts, else null'),
});

export type ExtractedFactsAnswer = z.output<typeof extractedFactsSchema>;

export interface FactsRead {
  readonly facts: readonly CandidateFact[];
  readonly note: string | null;
}

const MOST_FACTS = 500;
const MOST_FACT_CHARACTERS = 4_000;
const MOST_TOPIC_CHARACTERS = 80;
const MOST_NOTE_CHARACTERS = 500;
const DEFAULT_TOPIC = 'General';

/**
 * The model's answer as candidate facts. What is empty is dropped, and so is a fact that nothing in the part can have
 * said: without a source it may be invented.
 * @param clean takes the caller's key out of what the model wrote.
 */
export function readFacts(
  answer: ExtractedFactsAnswer,
  part: readonly Excerpt[],
  clean: (text: string) => string,
): FactsRead {
  const line = (text: string, most: number): string => plainLine(clean(text)).slice(0, most).trim();
  const facts = answer.facts.slice(0, MOST_FACTS).flatMap((found): CandidateFact[] => {
    const text = line(found.fact, MOST_FACT_CHARACTERS);
    const positions = text === '' ? [] : positionsOf(found.messages, text, part);
    if (positions.length === 0) return [];
    return [
      {
        text,
        topic: line(found.topic, MOST_TOPIC_CHARACTERS) || DEFAULT_TOPIC,
        category: found.category,
        importance: importanceOf(found.importance),
        validFrom: found.valid_from === null ? null : readDate(found.valid_from),
        positions,
      },
    ];
  });
  return { facts, note: line(answer.note ?? '', MOST_NOTE_CHARACTERS) || null };
}

/** One line that any store takes: no control characters, no half of a character. */
function plainLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

function positionsOf(
  named: readonly number[],
  text: string,
  part: readonly Excerpt[],
): readonly number[] {
  const shown = new Set(part.map(({ position }) => position));
  const positions = [...new Set(named)].filter((n) => shown.has(n)).toSorted((a, b) => a - b);
  if (positions.length > 0) return positions;
  const likeliest = likeliestSource(text, part);
  return likeliest === undefined ? [] : [likeliest];
}

/** The message that shares most words with the fact. */
function likeliestSource(text: string, part: readonly Excerpt[]): number | undefined {
  const words = wordsOf(text);
  const shared = part.map(({ position, text: said }) => ({
    position,
    count: [...wordsOf(said)].filter((word) => words.has(word)).length,
  }));
  const best = shared.toSorted((a, b) => b.count - a.count)[0];
  return best && best.count > 0 ? best.position : undefined;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);
}

function importanceOf(given: number): number {
  return Math.min(10, Math.max(1, Math.round(given)));
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

/** A day, month or year begins at midnight UTC; a time without offset is UTC. Null for what is no date. */
export function readDate(text: string): Date | null {
  const given = text.trim();
  const [, year, month = '01', day = '01'] = DATE.exec(given) ?? [];
  if (year !== undefined) return realDate(`${year}-${month}-${day}`, 'T00:00:00Z');
  const [, date, time, offset = 'Z'] = TIMESTAMP.exec(given) ?? [];
  return date === undefined ? null : realDate(date, `T${time}${offset.toUpperCase()}`);
}

/** JavaScript reads 31 February as 2 March: that is no date that anybody stated. */
function realDate(day: string, time: string): Date | null {
  const midnight = new Date(`${day}T00:00:00Z`);
  const date = new Date(day + time);
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(date.getTime())) return null;
  return midnight.toISOString().startsWith(day) ? date : null;
}
