import { sealedSchema } from '@app/caller-keys';
import { z } from 'zod';

import { defineJob, PAYLOAD_VERSIONS, type PayloadOf, SEALED_JOB_OPTIONS } from './job-contract.js';

/** The fields of every message about the memories that were found. */
const retrieval = z.object({
  hits: z.array(z.object({ memoryId: z.uuid(), similarity: z.number(), cited: z.boolean() })),
  searched: z.number(),
  // A worker of an earlier version does not send it.
  leftOut: z.number().default(0),
});

export const answerQuery = defineJob({
  queue: 'query',
  name: 'answer-query',
  version: 2,
  // `stored`: the question is in the row of an asynchronous query. A synchronous query has no row: its question is in
  // the envelope, beside the target.
  payload: z.object({
    v: PAYLOAD_VERSIONS,
    queryId: z.uuid(),
    run: z.int(),
    accountId: z.uuid(),
    stored: z.boolean(),
    llmAccount: z.enum(['caller', 'bundled']),
    sealed: sealedSchema.optional(),
    /** Only with a caller's own key: the counter to raise when a provider rejects it. */
    refusalsUnder: z.string().optional(),
    replyTo: z.string().optional(),
    /** The caller asked for a stream: send the memories and the answer's pieces as soon as they exist. */
    streamed: z.boolean().optional(),
    requestId: z.string(),
    traceparent: z.string().optional(),
  }),
  /** Sent before the first piece of a streamed answer. */
  retrieval,
  /** The answer of a query without a row: the reply is the only place that has it. */
  reply: retrieval.extend({
    text: z.string(),
    grounded: z.boolean(),
    generation: z.object({
      provider: z.string(),
      model: z.string(),
      byoLlm: z.boolean(),
      llmCalls: z.number(),
      usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }),
    }),
  }),
  options: SEALED_JOB_OPTIONS,
});

export type AnswerQuery = PayloadOf<typeof answerQuery>;
