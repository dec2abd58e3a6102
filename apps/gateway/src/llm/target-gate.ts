import type { LlmTarget } from '@app/caller-keys';
import type { EgressPolicy } from '@app/egress/policy';
import { AppError } from '@app/errors';
import type { RefusedKeys } from '@app/jobs';
import type { LlmAccount } from '@app/memory';
import { timed } from '@app/observability';

import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';

/** Decides, before anything is stored, whose model account a call may use. */
export class TargetGate {
  constructor(
    private readonly egress: EgressPolicy,
    private readonly hasBundled: boolean,
    private readonly refusedKeys: RefusedKeys,
  ) {}

  /**
   * @throws AppError `rate_limited` where this caller's keys were refused too often; `llm_base_url_forbidden` for an address that may not be called; `bundled_llm_unavailable` where the
   * caller brings no model and there is no other.
   */
  async admit(
    target: LlmTarget | undefined,
    { refusalBucket }: AuthenticatedCaller,
  ): Promise<LlmAccount> {
    if (target) {
      await timed('queue', this.#checkRefusals(refusalBucket));
      return this.#place(target);
    }
    return this.admitBundled();
  }

  /** The same for any number of targets of one caller, whose refusals are asked for once. */
  forMany({ refusalBucket }: AuthenticatedCaller): Pick<TargetGate, 'admit'> {
    let checking: Promise<void> | undefined;
    return {
      admit: async (target) => {
        if (!target) return this.admitBundled();
        await (checking ??= timed('queue', this.#checkRefusals(refusalBucket)));
        return this.#place(target);
      },
    };
  }

  #place({ baseUrl }: LlmTarget): LlmAccount {
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

  /** Refusals are counted where the queue is. When that is down no key can be tried out: the queue itself says so next. */
  async #checkRefusals(under: string): Promise<void> {
    try {
      await this.refusedKeys.check(under);
    } catch (error) {
      if (error instanceof AppError) throw error;
    }
  }
}

/** What is kept of a target for audit: never its key, and no more of its address than the host. */
export function auditOf({ provider, model, baseUrl }: LlmTarget): {
  readonly provider: string;
  readonly model: string;
  readonly baseUrlHost: string | null;
} {
  return { provider, model, baseUrlHost: baseUrl === undefined ? null : new URL(baseUrl).host };
}
