import { readFileSync } from 'node:fs';
import { z } from 'zod';

const personSchema = z.object({
  person: z.string(),
  sessions: z.array(
    z.object({
      session_id: z.string(),
      messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string() })),
    }),
  ),
});

export type Session = z.output<typeof personSchema>['sessions'][number];

/** Reads the conversations of one person, oldest first. */
export function readPerson(): z.output<typeof personSchema> {
  const file = new URL('./personamem/alex-martinez.json', import.meta.url);
  return personSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Questions that the conversations answer. */
export const QUESTIONS = [
  'Which first edition did Alex Martinez find at an estate sale?',
  'What is the classic literature book club reading?',
  'How does Alex Martinez help at the local library?',
  'Why did Alex Martinez stop taking part in reading marathons?',
];
