import type { CancelledJob, Erasure, ErasureStore } from './erasure.js';

/** So many rows a transaction: nobody else waits for more than that. */
const BATCH = 500;

export interface ErasureDependencies {
  readonly store: ErasureStore;
  /** Takes jobs out of their queue. Need not succeed: a job whose row has ended stores nothing, and is wiped when its turn comes. */
  readonly withdraw: (ended: readonly CancelledJob[]) => Promise<void>;
  /** True once no further batch should begin. Default: never. */
  readonly isEnough?: () => boolean;
}

/** Ends what is queued or runs, so that nothing comes in behind the erasure. @returns how much that was. */
export async function cancelCoveredJobs(
  erasure: Erasure,
  { store, withdraw, isEnough = never }: ErasureDependencies,
): Promise<number> {
  return untilNone(async () => {
    const ended = await store.cancelCoveredJobs(erasure, BATCH);
    await withdraw(ended);
    return ended.length;
  }, isEnough);
}

/**
 * Erases batch after batch: from the beginning, or from wherever it was left. Work is ended first, because it could still
 * store; texts go last, because an answer that rests on what is gone is known by that. Once more and once more, until
 * nothing was left to do: a failed write may have been run again meanwhile.
 * @returns how many memories were erased in all; undefined when it was enough before all was gone.
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
      (await untilNone(() => store.eraseMemories(erasure, BATCH), isEnough)) +
      (await untilNone(() => store.eraseTexts(erasure, BATCH), isEnough));
    if (isEnough()) return undefined;
  } while (done > 0);
  return store.finish(erasure);
}

async function untilNone(batch: () => Promise<number>, isEnough: () => boolean): Promise<number> {
  let done = 0;
  while (!isEnough()) {
    const more = await batch();
    if (more === 0) break;
    done += more;
  }
  return done;
}

const never = (): boolean => false;
