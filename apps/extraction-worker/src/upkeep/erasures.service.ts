import { CONTRACT_OF, jobIdOf, LiveJobs } from '@app/jobs';
import { ERASURE_ROUND_MS } from '@app/jobs/policy';
import { runErasure, type CancelledJob, ErasureStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

/**
 * Continues erasures that were too large for one call, or whose process died. A large one takes several rounds of upkeep,
 * so that the check for lost jobs does not wait for it.
 */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly erasures: ErasureStore,
    private readonly live: LiveJobs,
  ) {}

  async continueErasures(signal: AbortSignal): Promise<void> {
    const until = performance.now() + ERASURE_ROUND_MS;
    const isEnough = (): boolean => signal.aborted || performance.now() > until;
    await this.erasures.deleteExpired();
    for (const erasure of await this.erasures.findUnfinished()) {
      await runErasure(erasure, { store: this.erasures, withdraw: this.#withdraw, isEnough });
    }
  }

  /** A job that is running is not aborted here: it stores nothing, because its row has ended. */
  readonly #withdraw = async (ended: readonly CancelledJob[]): Promise<void> => {
    await Promise.allSettled(
      ended.map(({ kind, id, run }) =>
        this.live.producer.withdraw(CONTRACT_OF[kind], jobIdOf(id, run)),
      ),
    );
  };
}
