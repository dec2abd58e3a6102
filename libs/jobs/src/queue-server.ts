import { Redis } from 'ioredis';

import { isOnPostgres, type QueueSettings, redisOptions } from './queue-connection.js';

/** What must be set, or a sealed key reaches a disk and a job may vanish. */
const WANTED = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' } as const;
const PROBE_SECONDS = 60;

/** Whether a server is set up as it must be; `unknown` where it does not tell, as managed ones do not. */
export interface ServerSettings {
  readonly state: 'ok' | 'wrong' | 'unknown';
  /** What is wrong, in words for an operator. */
  readonly faults: readonly string[];
}

/** The server under the queues. */
export class QueueServer {
  readonly #redis: Redis | undefined;
  readonly #probe: string;

  constructor(settings: Omit<QueueSettings, 'role'>) {
    const { url, ...options } = redisOptions({ ...settings, role: 'producer' });
    this.#probe = `${settings.prefix ?? 'aurra'}:probe`;
    if (isOnPostgres(settings.url)) return;
    this.#redis = new Redis(url, { ...options, enableOfflineQueue: true }).on(
      'error',
      () => undefined,
    );
  }

  /** Whether it takes something new within `timeoutMs`: one that is out of memory still answers questions. */
  async isWritable(timeoutMs: number): Promise<boolean> {
    if (!this.#redis) return true;
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), timeoutMs);
    const written = this.#redis.set(this.#probe, '1', 'EX', PROBE_SECONDS).then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([written, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** On the launcher's Postgres there is nothing to set. Never throws. */
  async settings(): Promise<ServerSettings> {
    if (!this.#redis) return { state: 'ok', faults: [] };
    try {
      const faults: string[] = [];
      for (const [name, wanted] of Object.entries(WANTED)) {
        const [, value] = (await this.#redis.config('GET', name)) as string[];
        if (value === undefined) return { state: 'unknown', faults: [] };
        if (value !== wanted) faults.push(`${name} must be "${wanted}"`);
      }
      return { state: faults.length === 0 ? 'ok' : 'wrong', faults };
    } catch {
      return { state: 'unknown', faults: [] };
    }
  }

  async close(): Promise<void> {
    this.#redis?.disconnect();
    await Promise.resolve();
  }
}
