import type { LlmTarget } from '@app/caller-keys';
import type { EgressPolicy } from '@app/egress/policy';
import { AppError } from '@app/errors';
import type { LlmAccount } from '@app/memory';

/** Decides, before anything is stored, whose model account a call may use. */
export class TargetGate {
  constructor(
    private readonly egress: EgressPolicy,
    private readonly hasBundled: boolean,
  ) {}

  /**
   * @throws AppError `llm_base_url_forbidden` for an address that may not be called; `bundled_llm_unavailable` where the
   * caller brings no model and there is no other.
   */
  admit(target: LlmTarget | undefined): LlmAccount {
    if (target) {
      if (target.baseUrl !== undefined) this.egress.check(target.baseUrl);
      return 'caller';
    }
    if (this.hasBundled) return 'bundled';
    throw new AppError(
      'bundled_llm_unavailable',
      'This installation has no model account of its own. Pass `llm` with your provider, model and key.',
    );
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
