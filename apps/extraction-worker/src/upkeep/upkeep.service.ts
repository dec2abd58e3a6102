import { setTimeout as wait } from 'node:timers/promises';

import { AppError } from '@app/errors';
import { describeUnexpected } from '@app/jobs';
import { Database, withExclusiveLock } from '@app/persistence';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { ErasuresService } from './erasures.service.js';
import { LostJobsService } from './lost-jobs.service.js';
import { RetentionService } from './retention.service.js';
import { SealedTargetsService } from './sealed-targets.service.js';
import { SearchDocumentsService } from './search-documents.service.js';

/** Key of the advisory lock that all extraction workers share. The number is "upkee" on a phone's keypad. */
const UPKEEP_LOCK = 87_533;
const KINDS = ['write', 'query'] as const;

export const UPKEEP_INTERVAL_MS = 'upkeep-interval-ms';

/** Runs a round of upkeep at start and after each interval. An advisory lock lets one process at a time run it. */
@Injectable()
export class UpkeepService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Upkeep');
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly erasures: ErasuresService,
    private readonly lostJobs: LostJobsService,
    private readonly retention: RetentionService,
    private readonly sealedTargets: SealedTargetsService,
    private readonly searchDocuments: SearchDocumentsService,
    @Inject(UPKEEP_INTERVAL_MS) private readonly intervalMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#runInIntervals();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #runInIntervals(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await withExclusiveLock(this.database, UPKEEP_LOCK, () => this.#run(signal)).catch(
        (error: unknown) =>
          this.#logger.warn(`A round of upkeep did not finish: ${describe(error)}`),
      );
      await wait(this.intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Retention and erasure come first, because they do not need the queue. */
  async #run(signal: AbortSignal): Promise<void> {
    for (const kind of KINDS) await this.retention.deleteExpiredJobs(kind, signal);
    await this.retention.deleteExpiredReplays(signal);
    await this.erasures.continueErasures(signal);
    for (const kind of KINDS) if (!signal.aborted) await this.lostJobs.check(kind, signal);
    await this.sealedTargets.wipeLeftovers(signal);
    await this.searchDocuments.rebuild(signal);
  }
}

const describe = (error: unknown): string =>
  error instanceof AppError ? error.message : describeUnexpected(error);
