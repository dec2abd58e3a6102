/** The model account that a job uses. `caller`: the caller's own, which is sealed into the job; `bundled`: the operator's. */
export type LlmAccount = 'caller' | 'bundled';

/** The tokens of one or more model calls. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The model calls and tokens of one write on one model account: extraction and classification together. */
export interface AccountSpending {
  readonly owner: LlmAccount;
  readonly llmCalls: number;
  readonly usage: TokenUsage;
}
