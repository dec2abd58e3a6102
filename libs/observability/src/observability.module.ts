import {
  type DynamicModule,
  type InjectionToken,
  Inject,
  Module,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';

import { metrics } from './metrics.js';
import { ProbeServer } from './probe-server.js';
import { type Checks, HealthChecks, type SettingsChecks } from './readiness.js';

export interface ObservabilityOptions {
  readonly metricsPort: number;
  /** Absent: all addresses. */
  readonly listenHost?: string | undefined;
  /** Injection tokens of the services that `checks` and `settings` take, in this order. */
  readonly inject: readonly InjectionToken[];
  // The tokens do not carry the types of the services, so each app declares them in its functions.
  readonly checks: (...services: never[]) => Checks;
  readonly settings?: (...services: never[]) => SettingsChecks;
}

interface ProbeAddress {
  readonly port: number;
  readonly host: string | undefined;
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Serves the probes and metrics of one app, from its start until it has stopped. */
@Module({})
export class ObservabilityModule
  implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  readonly #logger = new Logger('Health');
  readonly #server: ProbeServer;
  readonly #stop = (): void => this.health.stop();

  constructor(
    private readonly health: HealthChecks,
    @Inject('probe-address') private readonly address: ProbeAddress,
  ) {
    this.#server = new ProbeServer(health);
  }

  static forRoot({
    metricsPort,
    listenHost,
    inject,
    checks,
    settings,
  }: ObservabilityOptions): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      providers: [
        { provide: 'probe-address', useValue: { port: metricsPort, host: listenHost } },
        {
          provide: HealthChecks,
          useFactory: (...services: never[]): HealthChecks =>
            new HealthChecks(checks(...services), settings?.(...services)),
          inject: [...inject],
        },
      ],
      exports: [HealthChecks],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    // This listener runs before all others, because those wait for the work that is running.
    for (const signal of STOP_SIGNALS) process.prependListener(signal, this.#stop);
    await this.#server.listen(this.address.port, this.address.host);
    void this.#reportSettings();
  }

  onModuleDestroy(): void {
    this.#stop();
  }

  async onApplicationShutdown(): Promise<void> {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, this.#stop);
    await this.#server.close();
  }

  async #reportSettings(): Promise<void> {
    for (const [name, { state, faults }] of Object.entries(await this.health.settings())) {
      metrics.settingsWrong.set({ of: name }, state === 'wrong' ? 1 : 0);
      if (state === 'wrong')
        this.#logger.error(`The ${name} has wrong settings: ${faults.join('; ')}.`);
      if (state === 'unknown')
        this.#logger.warn(`The ${name} does not show its settings: see docs/operations.md.`);
    }
  }
}
