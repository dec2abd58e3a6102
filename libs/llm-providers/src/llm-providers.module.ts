import { CallerKey } from '@app/caller-keys';
import { Egress, EgressPolicy, type EgressSettings } from '@app/egress';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import { BundledLlmClient } from './bundled-client.js';
import { ModelAccounts } from './model-accounts.js';
import { ProviderLlmClient } from './provider-llm-client.js';

export interface LlmProvidersOptions {
  readonly egress: EgressSettings;
  readonly timeoutMs: number;
  /** The bundled account, which is the operator's own account at Anthropic. Without a key there is no such account. */
  readonly bundled: {
    readonly key: string | undefined;
    readonly baseUrl: string;
    readonly model: string;
  };
}

/**
 * Gives the workers `ModelAccounts`: the callers' accounts and the bundled account. Each kind has its own egress; that of the
 * bundled account permits only the origin of this account.
 */
@Module({})
export class LlmProvidersModule implements OnApplicationShutdown {
  constructor(@Inject('llm-egresses') private readonly egresses: readonly Egress[]) {}

  static forRoot({ egress, timeoutMs, bundled }: LlmProvidersOptions): DynamicModule {
    const callers = new Egress(new EgressPolicy(egress));
    const own = Egress.forOrigin(bundled.baseUrl);
    const account = bundled.key !== undefined && {
      client: new BundledLlmClient(new ProviderLlmClient({ egress: own, timeoutMs })),
      target: {
        provider: 'anthropic' as const,
        model: bundled.model,
        key: new CallerKey(bundled.key),
        baseUrl: bundled.baseUrl,
      },
    };
    const accounts = new ModelAccounts(
      new ProviderLlmClient({ egress: callers, timeoutMs }),
      account || undefined,
    );
    return {
      module: LlmProvidersModule,
      global: true,
      providers: [
        { provide: 'llm-egresses', useValue: [callers, own] },
        { provide: ModelAccounts, useValue: accounts },
      ],
      exports: [ModelAccounts],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.egresses.map((egress) => egress.close()));
  }
}
