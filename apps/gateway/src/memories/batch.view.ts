import { problemOf } from '@app/http-problems';
import type { BatchResult } from '@app/memory';
import type { FastifyReply } from 'fastify';

import { knownIdOf } from '../http/request-context.js';
import { type Preference, STRICT_HANDLING } from '../http/preference.js';
import type { BatchResultsView } from './batch.schemas.js';

const RESPOND_ASYNC = 'respond-async';

/** Sets status and headers of the answer to a batch. @returns its body. */
export function deliverBatch(
  reply: FastifyReply,
  { applied, strict }: Preference,
  results: readonly BatchResult[],
): BatchResultsView {
  // A batch never waits, so `wait` is not among the applied preferences.
  if (applied?.includes(RESPOND_ASYNC)) {
    const honoured = strict ? `${RESPOND_ASYNC}, ${STRICT_HANDLING}` : RESPOND_ASYNC;
    void reply.header('preference-applied', honoured);
  }
  void reply.status(202);
  return viewBatch(results, knownIdOf(reply.request));
}

function viewBatch(results: readonly BatchResult[], requestId: string): BatchResultsView {
  return {
    count: results.length,
    results: results.map((result, index) =>
      'jobId' in result
        ? { index, status: 'accepted', job_id: result.jobId }
        : { index, status: 'refused', problem: problemOf(result.failure, requestId) },
    ),
  };
}
