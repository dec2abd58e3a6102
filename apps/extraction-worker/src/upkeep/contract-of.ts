import { answerQuery, extractMemories, type JobContract } from '@app/jobs';
import type { JobKind } from '@app/memory';

/** Whose jobs work on which rows. */
export const CONTRACT_OF = { write: extractMemories, query: answerQuery } as const satisfies Record<
  JobKind,
  JobContract
>;
