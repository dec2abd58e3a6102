import { cutText, plainLine } from '@app/llm-providers';
import { type Candidate, CATEGORIES, type ClassifiedFact, VERDICTS } from '@app/memory';
import { z } from 'zod';

const MAX_REASONING_CHARACTERS = 500;

const answerSchema = z.object({
  comparisons: z.array(
    z.object({
      candidate: z.int().describe('The number of the candidate, as shown'),
      reasoning: z.string().describe('One or two short sentences'),
      verdict: z.enum(VERDICTS),
      confidence: z.number().min(0).max(1),
    }),
  ),
  category: z.enum(CATEGORIES).describe('What the new fact is about'),
});

export type ClassificationAnswer = z.output<typeof answerSchema>;

/**
 * The answer that the classifier is asked for, with one verdict for each candidate. It is strict, unlike that of extraction:
 * replacing an invalid verdict by a default could end a true memory.
 */
export function classificationSchema(candidates: number) {
  return answerSchema.refine(
    ({ comparisons }) => {
      const judged = comparisons.map(({ candidate }) => candidate).toSorted((a, b) => a - b);
      return (
        judged.length === candidates && judged.every((candidate, index) => candidate === index + 1)
      );
    },
    { path: ['comparisons'], message: `must hold each candidate from 1 to ${candidates} once` },
  );
}

/** @param clean removes the caller's key from a text of the model. */
export function readClassification(
  { category, comparisons }: ClassificationAnswer,
  candidates: readonly Candidate[],
  model: string,
  clean: (text: string) => string,
): ClassifiedFact {
  const judged = new Map(comparisons.map((one) => [one.candidate, one]));
  return {
    model,
    category,
    classifications: candidates.flatMap(({ memoryId, validFrom }, index) => {
      const one = judged.get(index + 1);
      if (one === undefined) return [];
      const { verdict, confidence } = one;
      const reasoning = cutText(clean(plainLine(one.reasoning)), MAX_REASONING_CHARACTERS).trim();
      return [{ memoryId, validFrom, verdict, confidence, reasoning }];
    }),
  };
}
