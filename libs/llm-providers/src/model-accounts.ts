import { keyUnavailable, type LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';

import type { LlmClient } from './llm-client.js';

/** The account that pays for a call, with its client and target. */
export interface ModelAccount {
  readonly owner: 'caller' | 'bundled';
  readonly client: LlmClient;
  readonly target: LlmTarget;
}

/** The same account and host with another model. */
export const withModel = (account: ModelAccount, model: string): ModelAccount => ({
  ...account,
  target: { ...account.target, model },
});

/** The callers' accounts and the bundled account, each with its own client: no failure of one leads to a call of the other. */
export class ModelAccounts {
  readonly #callers: LlmClient;
  readonly #bundled: Omit<ModelAccount, 'owner'> | undefined;

  /** @param bundled undefined if the operator has configured no key */
  constructor(callers: LlmClient, bundled: Omit<ModelAccount, 'owner'> | undefined) {
    this.#callers = callers;
    this.#bundled = bundled;
  }

  /**
   * @param target the target in the job's envelope; null if the envelope has none
   * @throws AppError `caller_key_unavailable` without a target
   */
  ofCaller(target: LlmTarget | null): ModelAccount {
    if (!target) throw keyUnavailable();
    return { owner: 'caller', client: this.#callers, target };
  }

  /** @throws AppError `bundled_llm_unavailable` if the operator has configured no key */
  bundled(): ModelAccount {
    if (!this.#bundled) {
      throw new AppError(
        'bundled_llm_unavailable',
        'This service has no model account of its own. Pass `llm` with your own provider and key.',
      );
    }
    return { owner: 'bundled', ...this.#bundled };
  }
}
