import { type Spending, type SpendingOwner, UsageStore } from '@app/accounts';
import { describeUnexpected } from '@app/jobs';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';

/** Writes down what an answer cost that has no row. Never in the answer's way: what cannot be written down is only logged. */
@Injectable()
export class SpendingRecorder implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Usage');
  readonly #pending = new Set<Promise<void>>();

  constructor(private readonly usage: UsageStore) {}

  note(spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner }): void {
    const noting = this.usage
      .record(spent)
      .catch((error: unknown) =>
        this.#logger.warn(`What an answer cost was not noted: ${describeUnexpected(error)}`),
      )
      .finally(() => this.#pending.delete(noting));
    this.#pending.add(noting);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
