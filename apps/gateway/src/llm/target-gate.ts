import type { LlmTarget } from '@app/caller-keys';
import type { EgressPolicy } from '@app/egress/policy';
import { AppError } from '@app/errors';
import type { RefusedKeys } from '@app/jobs';
import type { LlmAccount } from '@app/memory';
import { timed } from '@app/observability';

import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';

/** Decides which model account a call may use, before anything is stored. */
export class TargetGate {
  constructor(
    private readonly egress: EgressPolicy,
    private readonly hasBundled: boolean,
    private readonly refusedKeys: RefusedKeys,
  ) {}

  /**
   * @throws AppError `rate_limited` after providers rejected too many of this caller's keys; `llm_base_url_forbidden` for an
   * address that may not be called; `bundled_llm_unavailable` for a call without a target if there is no bundled model.
   */
  async admit(
    target: LlmTarget | undefined,
    { refusalBucket }: AuthenticatedCaller,
  ): Promise<LlmAccount> {
    if (target) {
      await timed('queue', this.#checkRefusals(refusalBucket));
      return this.#checkAddress(target);
    }
    return this.admitBundled();
  }

  /** Makes an `admit` for many targets of one caller: it reads the counter of their rejected keys only once. */
  forMany({ refusalBucket }: AuthenticatedCaller): Pick<TargetGate, 'admit'> {
    let checking: Promise<void> | undefined;
    return {
      admit: async (target) => {
        if (!target) return this.admitBundled();
        await (checking ??= timed('queue', this.#checkRefusals(refusalBucket)));
        return this.#checkAddress(target);
      },
    };
  }

  #checkAddress({ baseUrl }: LlmTarget): LlmAccount {
    if (baseUrl !== undefined) this.egress.check(baseUrl);
    return 'caller';
  }

  /** @throws AppError `bundled_llm_unavailable` */
  admitBundled(): 'bundled' {
    if (this.hasBundled) return 'bundled';
    throw new AppError(
      'bundled_llm_unavailable',
      'This installation has no model account of its own. Pass `llm` with your provider, model and key.',
    );
  }

  /** The counter is on the server of the queue. While that is down, the check passes: the job cannot be enqueued anyway. */
  async #checkRefusals(under: string): Promise<void> {
    try {
      await this.refusedKeys.check(under);
    } catch (error) {
      if (error instanceof AppError) throw error;
    }
  }
}

/** The part of a target that is stored for audit: never the key, and only the host of the address. */
export function auditOf({ provider, model, baseUrl }: LlmTarget): {
  readonly provider: string;
  readonly model: string;
  readonly baseUrlHost: string | null;
} {
  return { provider, model, baseUrlHost: baseUrl === undefined ? null : new URL(baseUrl).host };
}
