import type { ActiveJob } from './attempt.js';
import { accountOf, type FairOrder } from './fair-order.js';
import type { JobParking } from './job-parking.js';
import { ProgressTeller } from './progress-teller.js';
import type { ReplyOutbox } from './reply.js';
import { putBack } from './settle-failure.js';

/** A job of an account that is over its share rests this long in the queue before a worker may fetch it again. */
const REST_MS = 1_000;

export interface PlaceOptions {
  readonly parking: JobParking;
  readonly outbox: ReplyOutbox;
  readonly order: FairOrder;
  readonly isCancelled: (jobId: string) => boolean;
}

/**
 * A running place for a job, at once or after a while. A gateway that waits for a parked job gets its heartbeats.
 * @throws what the processor has to throw when the job goes back into the queue: it has not begun.
 */
export async function placeFor(
  active: ActiveJob,
  replyTo: string | undefined,
  options: PlaceOptions,
): Promise<Disposable> {
  const { parking, outbox, order, isCancelled } = options;
  const { job, signal } = active;
  const jobId = job.id ?? '';
  const account = accountOf(job.data);
  const place = isCancelled(jobId) ? parking.enterAnyway(account) : parking.tryEnter(account);
  if (place) return place;
  for (;;) {
    await using _heartbeats = new ProgressTeller({ outbox, address: replyTo, jobId });
    const later = await parking.park(account, jobId, signal);
    if (later) return later;
    const left = await putBack(active, REST_MS, order).catch(() => undefined);
    if (left) throw left;
    // The queue did not take the job. Any other error would spend an attempt, so it stays parked while the lock is kept.
    if (signal?.aborted || parking.isClosed) throw new Error('unavailable');
  }
}
