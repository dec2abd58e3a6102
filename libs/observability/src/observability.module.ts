import {
  type DynamicModule,
  type InjectionToken,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { ProbeServer } from './probe-server.js';
import type { Checks } from './readiness.js';

export interface ObservabilityOptions {
  readonly metricsPort: number;
  /** The app's own services, handed to `checks` in this order. */
  readonly inject: readonly InjectionToken[];
  // Nest hands over what the tokens stand for; their types are the caller's to say.
  readonly checks: (...services: never[]) => Checks;
}

/** What /health/ready asks, for whoever else answers it. */
export abstract class HealthChecks {
  abstract readonly checks: Checks;
}

/** Serves probes and metrics of one app, from when it is up until it has stopped. */
@Module({})
export class ObservabilityModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server: ProbeServer;

  constructor(
    health: HealthChecks,
    @Inject('metrics-port') private readonly port: number,
  ) {
    this.#server = new ProbeServer(health.checks);
  }

  static forRoot({ metricsPort, inject, checks }: ObservabilityOptions): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      providers: [
        { provide: 'metrics-port', useValue: metricsPort },
        {
          provide: HealthChecks,
          useFactory: (...services: never[]): HealthChecks => ({ checks: checks(...services) }),
          inject: [...inject],
        },
      ],
      exports: [HealthChecks],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#server.listen(this.port);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server.close();
  }
}
