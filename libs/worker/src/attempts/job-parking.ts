import { accountOf, type FairOrder, type ReplyOutbox } from '@app/jobs';
import { MAX_PARKED_MS, OVER_SHARE_DELAY_MS, PARKING_CHECK_INTERVAL_MS } from '@app/jobs/policy';

import type { ActiveJob } from './attempt.js';
import { ProgressSender } from './progress-sender.js';
import { putBack } from './settle.js';
import { RunningPlaces } from './running-places.js';

/**
 * When a job starts while the worker is full, this many parked jobs go back into the queue: in the fair order, more jobs of
 * other accounts are likely to wait behind them.
 */
const SENT_BACK_PER_START = 2;

interface ParkedJob {
  readonly account: string;
  readonly jobId: string | undefined;
  readonly since: number;
  /** With a place the job starts; without one it goes back into the queue. */
  readonly leave: (place: Disposable | undefined) => void;
}

/**
 * Gives running places to the jobs that one worker has fetched. A job whose account is over its share is parked: the worker
 * keeps its lock, and its attempt does not begin until the account may have a place. When parked jobs fill the worker, the
 * longest parked go back into the queue, so that the worker can fetch the jobs of other accounts behind them.
 */
export class JobParking {
  readonly #places: RunningPlaces;
  /** In the order in which they were parked. */
  readonly #parked = new Set<ParkedJob>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(concurrency: number) {
    this.#places = new RunningPlaces(concurrency);
  }

  /** Jobs that the worker may fetch at once, running and parked ones together. */
  get slots(): number {
    return this.#places.mostTaken;
  }

  /** @returns a place if the account may have one now. */
  tryEnter(account: string): Disposable | undefined {
    if (!this.#places.mayTake(account)) return undefined;
    const place = this.#take(account);
    if (this.#isFull) this.#sendBack(SENT_BACK_PER_START);
    return place;
  }

  /**
   * Waits until the account may have a place.
   * @param signal aborts when the job's lock is lost.
   * @returns undefined when the job must go back into the queue instead.
   */
  async park(
    account: string,
    jobId: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Disposable | undefined> {
    if (this.#isClosed || signal?.aborted) return undefined;
    const { promise, resolve: leave } = Promise.withResolvers<Disposable | undefined>();
    const parked: ParkedJob = { account, jobId, since: Date.now(), leave };
    const lockLost = (): void => {
      this.#remove(parked);
      leave(undefined);
    };
    signal?.addEventListener('abort', lockLost, { once: true });
    this.#parked.add(parked);
    this.#timer ??= setInterval(() => this.#sendBackLongest(), PARKING_CHECK_INTERVAL_MS);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', lockLost);
      this.#remove(parked);
    }
  }

  /** Gives a place even if the account is over its share: a cancelled job must start, because only an attempt can end it. */
  enterAnyway(account: string): Disposable {
    return this.#take(account);
  }

  /** Starts a parked job that was cancelled. */
  startAnyway(jobId: string): void {
    for (const parked of this.#parked) if (parked.jobId === jobId) this.#start(parked);
  }

  /** Sends all parked jobs back into the queue, and parks no more. */
  close(): void {
    this.#isClosed = true;
    this.#sendBack(this.#parked.size);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get #isFull(): boolean {
    return this.#places.taken + this.#parked.size >= this.slots;
  }

  #take(account: string): Disposable {
    const place = this.#places.take(account);
    let isFree = false;
    return {
      [Symbol.dispose]: () => {
        if (isFree) return;
        isFree = true;
        place[Symbol.dispose]();
        this.#startAllowed();
      },
    };
  }

  #startAllowed(): void {
    for (const parked of this.#parked)
      if (this.#places.mayTake(parked.account)) this.#start(parked);
  }

  #start(parked: ParkedJob): void {
    this.#remove(parked);
    parked.leave(this.#take(parked.account));
  }

  #sendBackLongest(): void {
    const [longest] = this.#parked;
    if (!longest) return;
    if (this.#isFull || Date.now() - longest.since > MAX_PARKED_MS) this.#sendBack(1);
  }

  #sendBack(count: number): void {
    for (const parked of [...this.#parked].slice(0, count)) {
      this.#remove(parked);
      parked.leave(undefined);
    }
  }

  #remove(parked: ParkedJob): void {
    this.#parked.delete(parked);
    if (this.#parked.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export interface PlaceOptions {
  readonly parking: JobParking;
  readonly outbox: ReplyOutbox;
  readonly order: FairOrder;
  readonly isCancelled: (jobId: string) => boolean;
}

/**
 * Waits for a running place. While the job is parked, the gateway that waits for it gets heartbeats.
 * @throws the error that the processor must throw when the job goes back into the queue, before its attempt began.
 */
export async function placeFor(
  active: ActiveJob,
  replyTo: string | undefined,
  { parking, outbox, order, isCancelled }: PlaceOptions,
): Promise<Disposable> {
  const { job, signal } = active;
  const jobId = job.id ?? '';
  const account = accountOf(job.data);
  const place = isCancelled(jobId) ? parking.enterAnyway(account) : parking.tryEnter(account);
  if (place) return place;
  for (;;) {
    await using _heartbeats = new ProgressSender({ outbox, address: replyTo, jobId });
    const later = await parking.park(account, jobId, signal);
    if (later) return later;
    const left = await putBack(active, OVER_SHARE_DELAY_MS, order).catch(() => undefined);
    if (left) throw left;
    // The queue did not take the job back. To throw another error would spend an attempt, so the job is parked again.
    if (signal?.aborted || parking.isClosed) throw new Error('unavailable');
  }
}
