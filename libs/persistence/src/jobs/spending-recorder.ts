import { type Spending, type SpendingOwner, UsageStore } from '@app/accounts';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';

type Spent = Spending & { readonly accountId: string; readonly owner: SpendingOwner };

/**
 * Records the spending of model calls that no job row records: synchronous answers, and attempts that failed. It works in the
 * background: a failure to record is only logged.
 */
export class SpendingRecorder implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Usage');
  readonly #pending = new Set<Promise<void>>();

  constructor(private readonly usage: UsageStore) {}

  record(spent: Spent): void {
    const recording = this.usage
      .record(spent)
      .catch((error: unknown) =>
        this.#logger.warn(`The spending of model calls was not recorded: ${nameOf(error)}`),
      )
      .finally(() => this.#pending.delete(recording));
    this.#pending.add(recording);
  }

  /** Runs `work`, and records its spending if it fails. The spending of a success is recorded with its result. */
  async recordOnFailure<Result>(
    payer: { readonly accountId: string; readonly owner: SpendingOwner },
    meter: { readonly spent: Spending },
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.record({ ...payer, ...meter.spent });
      throw error;
    }
  }

  /** Runs before the connection pool closes. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pending);
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
