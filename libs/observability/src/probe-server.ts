import { type FastifyInstance, fastify } from 'fastify';

import { metrics } from './metrics.js';
import type { HealthChecks } from './readiness.js';

/** Serves probes and metrics on a port of their own, which must not be public. */
export class ProbeServer {
  readonly #server: FastifyInstance = fastify();

  constructor(health: HealthChecks) {
    this.#server.addHook('onSend', async (_request, reply) => {
      reply.header('x-content-type-options', 'nosniff');
    });
    this.#server.get('/health/live', () => ({ status: 'ok' }));
    this.#server.get('/health/ready', async (_request, reply) => {
      const readiness = await health.readiness();
      return reply.status(readiness.status === 'ok' ? 200 : 503).send(readiness);
    });
    this.#server.get('/metrics', async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );
  }

  /** @param host absent: all addresses, of IPv4 and, if the machine has it, IPv6. */
  async listen(port: number, host?: string): Promise<void> {
    await this.#server.listen({ port, host: host ?? '::' }).catch(async (error: unknown) => {
      const isWithoutIpv6 = (error as { code?: string }).code === 'EAFNOSUPPORT';
      if (host !== undefined || !isWithoutIpv6) throw error;
      await this.#server.listen({ port, host: '0.0.0.0' });
    });
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}
