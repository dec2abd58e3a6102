import { CONTRACTS, FinishedJobs } from '@app/jobs';
import { metrics } from '@app/observability';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';

/** Checks that jobs lost their sealed key when they ended: reads the ended jobs, and wipes and reports a key that is left. */
@Injectable()
export class SealedTargetsService implements OnApplicationShutdown {
  readonly #logger = new Logger('Upkeep');

  constructor(private readonly finished: FinishedJobs) {}

  async wipeLeftovers(signal: AbortSignal): Promise<void> {
    for (const contract of CONTRACTS) {
      const wiped = await this.finished.wipe(contract, signal);
      // The counter is set also with 0: a missing metric would not show that the check ran.
      metrics.sealedTargetsWiped.inc({ queue: contract.queue }, wiped);
      if (wiped > 0)
        this.#logger.error(
          `${wiped} jobs of ${contract.queue} had ended with their sealed key. The keys are wiped now.`,
        );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.finished.close();
  }
}
