import { type CandidateFact, CATEGORIES, type Category } from '@app/memory';
import { z } from 'zod';

import { plainLine } from './plain-line.js';
import { sourcesOf } from './sources.js';
import type { Excerpt } from './split-conversation.js';

const DEFAULT_IMPORTANCE = 5;

/** A number that was written as text. */
function numberOf(given: unknown): number | undefined {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function categoryOf(given: unknown): Category {
  const named = String(given).trim().toLowerCase();
  return CATEGORIES.find((category) => category === named) ?? 'other';
}

/**
 * What the model is asked for. The shape must be right, single values need not be: one odd category among thirty facts
 * is mended, and is no reason to have the whole answer written again.
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
        .catch(null)
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
 * The model's answer as candidate facts; what is empty is dropped. A fact whose source is not named, or not rightly, is
 * kept: it cites the message that says it, or where none clearly does, whatever the part's people said.
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
    if (text === '') return [];
    return [
      {
        text,
        topic: line(found.topic, MOST_TOPIC_CHARACTERS) || DEFAULT_TOPIC,
        category: found.category,
        importance: importanceOf(found.importance),
        validFrom: found.valid_from === null ? null : readDate(found.valid_from),
        positions: sourcesOf(text, found.messages, part),
      },
    ];
  });
  return { facts, note: line(answer.note ?? '', MOST_NOTE_CHARACTERS) || null };
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
