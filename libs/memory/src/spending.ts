/** The model account that a job uses. `caller`: the one sealed into the job, and no other. */
export type LlmAccount = 'caller' | 'bundled';

/** The tokens of one or more model calls. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The cost of a write's model calls on one account: extraction and classification together. */
export interface AccountSpending {
  readonly owner: LlmAccount;
  readonly llmCalls: number;
  readonly usage: TokenUsage;
}
