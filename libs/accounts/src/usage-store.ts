/** What models cost: the tokens that providers counted, whether or not they were put to use. */
export interface Spending {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Whose model account paid. */
export type SpendingOwner = 'caller' | 'bundled';

/** What an account has used in the current period. */
export interface PeriodUsage {
  readonly writes: number;
  readonly queries: number;
  readonly spending: Readonly<Record<SpendingOwner, Spending>>;
}

/** What accounts use. */
export abstract class UsageStore {
  abstract record(
    spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner },
  ): Promise<void>;
  abstract inThisPeriod(accountId: string): Promise<PeriodUsage>;
}
