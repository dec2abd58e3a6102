/** Model calls, and their tokens as the providers counted them. Calls whose results were not used are included. */
export interface Spending {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The model account that paid. */
export type SpendingOwner = 'caller' | 'bundled';

/** Counted writes and queries, and the spending, of the current period. */
export interface PeriodUsage {
  readonly writes: number;
  readonly queries: number;
  readonly spending: Readonly<Record<SpendingOwner, Spending>>;
}

/** Records and reads the usage of accounts. */
export abstract class UsageStore {
  abstract record(
    spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner },
  ): Promise<void>;
  abstract inThisPeriod(accountId: string): Promise<PeriodUsage>;
}
