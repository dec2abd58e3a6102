import { answerQuery } from './answer-query.job.js';
import { extractMemories } from './extract-memories.job.js';
import type { JobContract } from './job-contract.js';
import { verifyLlm } from './verify-llm.job.js';

/** All contracts. JobsModule registers a queue for each, and each has exactly one processor. */
export const CONTRACTS = [extractMemories, answerQuery, verifyLlm] as const;

/** The contract of the job that works on a row of each kind. */
export const CONTRACT_OF = {
  write: extractMemories,
  query: answerQuery,
} as const satisfies Record<string, JobContract>;
