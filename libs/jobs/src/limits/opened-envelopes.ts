import { keyUnavailable, type SealBinding } from '@app/caller-keys';
import { AppError } from '@app/errors';

import { type QueueSettings, installationPrefix } from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';
import { RecentIds } from './recent-ids.js';

/** Envelopes that this process remembers, to bound its memory. The shared marks last as long as the envelopes themselves. */
const REMEMBERED = 50_000;

/** Marks of opened envelopes, shared by all workers. */
export interface EnvelopeMarks {
  /** False when the mark exists already. */
  set(name: string, lifeMs: number): Promise<boolean>;
  delete(name: string): Promise<void>;
  close(): Promise<void>;
}

/** An envelope that one attempt has opened. */
export interface OpenedEnvelope {
  /** Allows another attempt to open the envelope. Call it when this attempt is handed back. */
  release(): Promise<void>;
}

/**
 * Allows the envelope of a job without a row to be opened only once. Otherwise anyone who can write to the queue could add
 * the job again and spend the caller's key until the envelope expires. A job with a row needs no mark: once its row has ended, no
 * attempt can claim it. The mark is named by the envelope's binding, because several texts decode to the same envelope.
 */
export class OpenedEnvelopes {
  readonly #recent = new RecentIds(REMEMBERED);

  constructor(private readonly marks: EnvelopeMarks) {}

  /**
   * Call it after opening an envelope and before using its key.
   * @param queueJobId the id under which the queue has the job: an envelope opens under its own id only.
   * @throws AppError `caller_key_unavailable` for an envelope that was opened before; `unavailable` when the mark cannot be
   * set.
   */
  async note(
    { queue, jobId }: SealBinding,
    queueJobId: string | undefined,
    expiresAt: Date,
  ): Promise<OpenedEnvelope> {
    const name = `${queue}:${jobId}`;
    if (queueJobId !== jobId || this.#recent.has(name)) throw keyUnavailable();
    this.#recent.add(name);
    if (!(await this.#mark(name, expiresAt))) throw keyUnavailable();
    return {
      release: async () => {
        this.#recent.delete(name);
        await this.marks.delete(name).catch(() => undefined);
      },
    };
  }

  async close(): Promise<void> {
    await this.marks.close();
  }

  async #mark(name: string, expiresAt: Date): Promise<boolean> {
    try {
      return await this.marks.set(name, Math.max(1, expiresAt.getTime() - Date.now()));
    } catch (cause) {
      throw new AppError(
        'unavailable',
        'The queue does not answer right now. Try again in a moment.',
        { cause },
      );
    }
  }
}

/** The connection has an offline queue, because a worker's first command may come before its first connection. */
export function redisEnvelopeMarks(settings: QueueSettings): EnvelopeMarks {
  const redis = connectRedis(settings, 'producer', { enableOfflineQueue: true });
  const keyOf = (name: string): string => `${installationPrefix(settings)}:opened:${name}`;
  return {
    set: async (name, lifeMs) => (await redis.set(keyOf(name), '1', 'PX', lifeMs, 'NX')) === 'OK',
    delete: async (name) => void (await redis.del(keyOf(name))),
    close: () => quitRedis(redis),
  };
}
