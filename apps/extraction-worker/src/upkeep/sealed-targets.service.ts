import { CONTRACTS, FinishedJobs } from '@app/jobs';
import { metrics } from '@app/observability';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';

/** Proves that a job's sealed key is gone when the job is: looks at what has ended, and wipes what should not be there. */
@Injectable()
export class SealedTargetsService implements OnApplicationShutdown {
  readonly #logger = new Logger('Upkeep');

  constructor(private readonly finished: FinishedJobs) {}

  async sweep(signal: AbortSignal): Promise<void> {
    for (const contract of CONTRACTS) {
      const wiped = await this.finished.wipe(contract, signal);
      // With nothing to wipe too: a metric that is not there proves nothing.
      metrics.sealedTargetsWiped.inc({ queue: contract.queue }, wiped);
      if (wiped > 0)
        this.#logger.error(
          `${wiped} jobs of ${contract.queue} ended with their sealed key: wiped.`,
        );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.finished.close();
  }
}
