import { CODES, type ErrorCode } from '@app/errors';
import { Logger } from '@nestjs/common';
import { z } from 'zod';

import type { Progress, Reply } from './reply.js';

/** A job id is a UUID, a dot and a number: about 50 characters. */
const MAX_JOB_ID_LENGTH = 100;

const jobId = z.string().min(1).max(MAX_JOB_ID_LENGTH);
const count = z.int().min(0);
const code = z.enum(Object.keys(CODES) as [ErrorCode, ...ErrorCode[]]);

const failure = z.object({
  // A newer worker may send codes that this gateway does not know.
  code: code.catch('internal'),
  detail: z.string(),
  retryAfterMs: z.number().min(0).optional(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  provider: z
    .object({
      name: z.string(),
      model: z.string(),
      status: z.number().nullable(),
      type: z.string().nullable(),
      code: z.string().nullable(),
      requestId: z.string().nullable(),
    })
    .optional(),
  limit: z.object({ name: z.string(), quota: z.number(), windowMs: z.number() }).optional(),
});

/** The gateway checks `answer` and `retrieval` against the schemas of the job contract. */
const message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('settled'), jobId }),
  z.object({ kind: z.literal('answer'), jobId, answer: z.unknown() }),
  z.object({ kind: z.literal('failure'), jobId, failure }),
  z.object({ kind: z.literal('heartbeat'), jobId }),
  z.object({ kind: z.literal('retrieval'), jobId, retrieval: z.unknown() }),
  z.object({ kind: z.literal('delta'), jobId, at: count, text: z.string() }),
]) satisfies z.ZodType<Reply | Progress>;

const logger = new Logger('Replies');

/**
 * Reads a message from a worker. It runs in event handlers, where an exception would end the process, so an invalid message
 * is dropped. The log line has fixed words, because the text may quote a question or an answer.
 */
export function readMessage(value: unknown): Reply | Progress | undefined {
  const read = message.safeParse(value);
  if (!read.success) logger.warn('A message on the reply channel could not be read.');
  return read.data;
}

/** Reads a message that arrives as JSON. */
export function readJsonMessage(text: string): Reply | Progress | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // `readMessage` drops undefined as well.
  }
  return readMessage(value);
}

/** Reads the id of a cancelled job. */
export function readJobId(value: unknown): string | undefined {
  const read = jobId.safeParse(value);
  if (!read.success) logger.warn('A message on the cancel channel could not be read.');
  return read.data;
}
