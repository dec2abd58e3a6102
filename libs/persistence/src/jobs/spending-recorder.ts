import { type Spending, type SpendingOwner, UsageStore } from '@app/accounts';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';

type Spent = Spending & { readonly accountId: string; readonly owner: SpendingOwner };

/**
 * Writes down what models cost where no row is changed in the same transaction: an answer that only its caller waits for,
 * and attempts that failed. Never in their way: what cannot be written down is only logged.
 */
export class SpendingRecorder implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Usage');
  readonly #pending = new Set<Promise<void>>();

  constructor(private readonly usage: UsageStore) {}

  note(spent: Spent): void {
    const noting = this.usage
      .record(spent)
      .catch((error: unknown) =>
        this.#logger.warn(`What a model cost was not noted: ${nameOf(error)}`),
      )
      .finally(() => this.#pending.delete(noting));
    this.#pending.add(noting);
  }

  /** Does `work`, and notes what it had cost where it fails. What succeeds is noted with its result. */
  async notingFailure<Result>(
    whose: { readonly accountId: string; readonly owner: SpendingOwner },
    meter: { readonly spent: Spending },
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.note({ ...whose, ...meter.spent });
      throw error;
    }
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pending);
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
