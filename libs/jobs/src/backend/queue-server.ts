import type { Redis } from 'ioredis';

import { QUEUE_PROBE_SECONDS } from '../policy.js';
import { type QueueSettings, installationPrefix } from '../connection/queue-settings.js';
import { connectRedis } from '../connection/redis-connection.js';
import { within } from './within.js';

/** With other settings a sealed key reaches a disk, or Redis drops jobs when it is full. */
const REQUIRED = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' } as const;

/** Whether a server has the required settings; `unknown` where it does not show them, as managed servers do not. */
export interface ServerSettings {
  readonly state: 'ok' | 'wrong' | 'unknown';
  /** The wrong settings, in words for an operator. */
  readonly faults: readonly string[];
}

/** The server that the queues are on. */
export abstract class QueueServer {
  /** Whether a write succeeds within `timeoutMs`. A server that is out of memory still answers reads. */
  abstract isWritable(timeoutMs: number): Promise<boolean>;
  /** Never throws. */
  abstract settings(): Promise<ServerSettings>;
  abstract close(): Promise<void>;
}

export class RedisQueueServer extends QueueServer {
  readonly #redis: Redis;
  readonly #probeKey: string;

  constructor(settings: QueueSettings) {
    super();
    this.#probeKey = `${installationPrefix(settings)}:probe`;
    this.#redis = connectRedis(settings, 'producer', { enableOfflineQueue: true });
  }

  override isWritable(timeoutMs: number): Promise<boolean> {
    const written = this.#redis.set(this.#probeKey, '1', 'EX', QUEUE_PROBE_SECONDS).then(
      () => true,
      () => false,
    );
    return within(written, timeoutMs, false);
  }

  override async settings(): Promise<ServerSettings> {
    try {
      const faults: string[] = [];
      for (const [name, required] of Object.entries(REQUIRED)) {
        const [, value] = (await this.#redis.config('GET', name)) as string[];
        if (value === undefined) return { state: 'unknown', faults: [] };
        if (value !== required) faults.push(`${name} must be "${required}"`);
      }
      return { state: faults.length === 0 ? 'ok' : 'wrong', faults };
    } catch {
      return { state: 'unknown', faults: [] };
    }
  }

  override close(): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }
}
