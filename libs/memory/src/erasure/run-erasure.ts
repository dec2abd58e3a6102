import type { CancelledJob, Erasure, ErasureStore } from './erasure.js';

/** Rows per transaction. It bounds how long other transactions wait for the locks of one batch. */
const BATCH = 500;

export interface ErasureDependencies {
  readonly store: ErasureStore;
  /** Removes jobs from their queue. A job that stays there stores nothing: its row has ended. Its worker wipes the sealed key. */
  readonly withdraw: (ended: readonly CancelledJob[]) => Promise<void>;
  /** Returns true when no further batch should begin. Default: always false. */
  readonly isEnough?: () => boolean;
}

/** Cancels the queued and running jobs that the erasure covers, so that none stores a memory after it. @returns how many jobs. */
export async function cancelCoveredJobs(
  erasure: Erasure,
  { store, withdraw, isEnough = never }: ErasureDependencies,
): Promise<number> {
  return repeatUntilNone(async () => {
    const ended = await store.cancelCoveredJobs(erasure, BATCH);
    await withdraw(ended);
    return ended.length;
  }, isEnough);
}

/**
 * Erases in batches; a repeated call continues where the last one stopped. Jobs are cancelled first, because a running job
 * could still store memories. Texts are erased last, because an answer is found by the erased memories that it cites. All
 * steps repeat until a round erases nothing: a failed write may have been run again in the meantime.
 * @returns how many memories were erased in all; undefined when `isEnough` stopped the erasure before its end.
 */
export async function runErasure(
  erasure: Erasure,
  means: ErasureDependencies,
): Promise<number | undefined> {
  const { store, isEnough = never } = means;
  let done: number;
  do {
    done =
      (await cancelCoveredJobs(erasure, means)) +
      (await repeatUntilNone(() => store.eraseMemories(erasure, BATCH), isEnough)) +
      (await repeatUntilNone(() => store.eraseTexts(erasure, BATCH), isEnough));
    if (isEnough()) return undefined;
  } while (done > 0);
  return store.finish(erasure);
}

async function repeatUntilNone(
  batch: () => Promise<number>,
  isEnough: () => boolean,
): Promise<number> {
  let done = 0;
  while (!isEnough()) {
    const more = await batch();
    if (more === 0) break;
    done += more;
  }
  return done;
}

const never = (): boolean => false;
