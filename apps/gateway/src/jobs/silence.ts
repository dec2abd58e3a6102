import { AppError } from '@app/errors';
import type { JobProducer, ReplyInbox } from '@app/jobs';

import { restarting } from '../http/shutdown.js';

const REACHABLE_WITHIN_MS = 1_000;
const RETRY_AFTER_MS = 5_000;

/** Nobody replied in time. With the queue there, it was the model, or whoever should have asked it. */
export async function silence(producer: JobProducer, inbox: ReplyInbox): Promise<AppError> {
  if (inbox.hasGivenUp) return restarting();
  return (await producer.isReachable(REACHABLE_WITHIN_MS))
    ? new AppError(
        'llm_unavailable',
        'No answer came in time. Try again; a question may be asked with `Prefer: respond-async`.',
        { retryAfterMs: RETRY_AFTER_MS },
      )
    : new AppError(
        'unavailable',
        'The queue went away before an answer came. Try again in a moment.',
        { retryAfterMs: RETRY_AFTER_MS },
      );
}
