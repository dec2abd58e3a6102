import { AppError } from '@app/errors';

import { isMetadataAddress } from './address-rules.js';
import type { EgressRules } from './egress-policy.js';

/** The operator's own choice of host: private or not, it is called, and nothing else is. */
export class FixedOrigin implements EgressRules {
  readonly #origin: string;

  constructor(baseUrl: string) {
    this.#origin = new URL(baseUrl).origin;
  }

  checkOrigin({ origin }: URL): void {
    if (origin === this.#origin) return;
    throw new AppError(
      'llm_base_url_forbidden',
      'The bundled account is called at its own address only.',
    );
  }

  /** Callers do not choose this address, so none of it is told to them. */
  readonly isOperatorsOwn = true;

  lists(): boolean {
    return true;
  }

  permitsAddress(_hostname: string, _port: string, address: string): boolean {
    return !isMetadataAddress(address);
  }
}
