import { CONTRACT_OF, jobIdOf, LiveJobs } from '@app/jobs';
import { carryOut, type EndedWork, ErasureStore } from '@app/memory';
import { Injectable } from '@nestjs/common';

/** A large tenant goes in several rounds: accepted work must not wait for it. */
const LONGEST_MS = 20_000;

/** Goes on with erasures that were too large for their call, or whose process died. */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly erasures: ErasureStore,
    private readonly live: LiveJobs,
  ) {}

  async carryOn(signal: AbortSignal): Promise<void> {
    const until = performance.now() + LONGEST_MS;
    const isEnough = (): boolean => signal.aborted || performance.now() > until;
    await this.erasures.deleteExpired();
    for (const erasure of await this.erasures.findUnfinished()) {
      await carryOut(erasure, { store: this.erasures, withdraw: this.#withdraw, isEnough });
    }
  }

  /** Those that run were told to stop when the erasure began; one that was not finds that its row has ended. */
  readonly #withdraw = async (ended: readonly EndedWork[]): Promise<void> => {
    await Promise.allSettled(
      ended.map(({ kind, id, run }) =>
        this.live.producer.withdraw(CONTRACT_OF[kind], jobIdOf(id, run)),
      ),
    );
  };
}
