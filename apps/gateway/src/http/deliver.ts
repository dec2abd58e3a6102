import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import type { Preference } from './preference.js';

export const acceptedSchema = z
  .object({ status: z.literal('accepted'), job_id: z.uuid() })
  .meta({ id: 'Accepted' });

export type Accepted = z.output<typeof acceptedSchema>;

/** The outcome of a call that has, or may become, a job. */
export interface Outcome<Body> {
  /** Absent if nothing was stored, and so there is no job. */
  readonly jobId?: string | undefined;
  /** Absent while the job is not finished. */
  readonly body?: Body | undefined;
}

/** Sets status and headers for an outcome. @returns the body to send. */
export function deliver<Body>(
  reply: FastifyReply,
  { applied }: Partial<Preference>,
  { jobId, body }: Outcome<Body>,
): Body | Accepted {
  if (jobId !== undefined) void reply.header('location', `/agent/jobs/${jobId}`);
  if (applied !== undefined) void reply.header('preference-applied', applied);
  if (body !== undefined) return body;
  if (jobId === undefined) throw new TypeError('An outcome is a body, a job, or both.');
  void reply.status(202);
  return { status: 'accepted', job_id: jobId };
}
