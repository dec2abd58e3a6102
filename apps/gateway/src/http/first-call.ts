import { CODES, type Failure } from '@app/errors';
import type { FirstAnswer, FirstCall } from '@app/memory';

/** By then a call has made its write durable and queued it, or never will. */
export const ACCEPTED_WITHIN_MS = 15_000;

/** `run`: the first call has not come to an end; under its id, or a new one where its write has failed. */
export type Next =
  | { readonly step: 'answer'; readonly answer: FirstAnswer }
  | { readonly step: 'wait' }
  | { readonly step: 'run'; readonly writeId: string | undefined };

/**
 * What to do about a first call that nobody answered, or with nothing that is kept: its gateway may be about to, or may
 * be gone.
 * @param standing what its write would be answered with now; undefined: there is no such write.
 */
export function whatIsNext(
  { state, ageMs, reserved }: FirstCall,
  standing: FirstAnswer | undefined,
): Next {
  const isOver = (withinMs: number): boolean => state === 'released' || ageMs > withinMs;
  const { writeId, waitMs } = reserved;
  if (standing === undefined)
    return isOver(ACCEPTED_WITHIN_MS) ? { step: 'run', writeId } : { step: 'wait' };

  // Who did not wait was to be answered with the job, whatever has become of that since.
  const answer: FirstAnswer = waitMs > 0 ? standing : { kind: 'accepted', jobId: writeId };
  if (standing.kind === 'result' && waitMs > 0) return { step: 'answer', answer };
  if (!isOver(waitMs + ACCEPTED_WITHIN_MS)) return { step: 'wait' };
  // Its job may have gone with its gateway: made again, it is queued again.
  if (standing.kind === 'accepted') return { step: 'run', writeId };
  if (standing.kind === 'failure' && !isKept(standing.failure))
    return { step: 'run', writeId: undefined };
  return { step: 'answer', answer };
}

/** Where the caller's key is; it takes no part in the comparison, so an answer about it would be given to a corrected one. */
const CALLER_KEY = /(^|\/)llm\/(key|api_key)$/;
const REQUEST_ID = '/X-Request-Id';

/** Whether a refusal is about what is compared, and so would be the same again. */
export function isKept({ code, faults = [] }: Failure): boolean {
  const { status } = CODES[code];
  if (status !== 400 && status !== 422) return false;
  return !faults.some(({ path }) => CALLER_KEY.test(path) || path === REQUEST_ID);
}
