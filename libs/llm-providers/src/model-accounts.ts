import { keyUnavailable, type LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';

import type { LlmClient } from './llm-client.js';

/** One way to a model: whose account pays, and what the call goes through. */
export interface ModelAccount {
  readonly owner: 'caller' | 'bundled';
  readonly client: LlmClient;
  readonly target: LlmTarget;
}

/** The same account, and the same host, with another model. */
export const onModel = (account: ModelAccount, model: string): ModelAccount => ({
  ...account,
  target: { ...account.target, model },
});

/** The two ways to a model. Each has a client of its own, so no failure of one leads to the other. */
export class ModelAccounts {
  readonly #callers: LlmClient;
  readonly #bundled: Omit<ModelAccount, 'owner'> | undefined;

  /** @param bundled absent where the operator has configured no key. */
  constructor(callers: LlmClient, bundled: Omit<ModelAccount, 'owner'> | undefined) {
    this.#callers = callers;
    this.#bundled = bundled;
  }

  /**
   * @param target what the job's envelope holds.
   * @throws AppError `caller_key_unavailable` where it holds none.
   */
  ofCaller(target: LlmTarget | null): ModelAccount {
    if (!target) throw keyUnavailable();
    return { owner: 'caller', client: this.#callers, target };
  }

  /** @throws AppError `bundled_llm_unavailable` */
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
