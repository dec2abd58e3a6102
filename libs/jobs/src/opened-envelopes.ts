import { keyUnavailable, type SealBinding } from '@app/caller-keys';
import { AppError } from '@app/errors';
import { Redis } from 'ioredis';

import { isOnPostgres, type QueueSettings, redisOptions } from './queue-connection.js';
import { RecentIds } from './recent-ids.js';

/** Bounds this process's own memory of them; the queue's lasts as long as the envelopes themselves. */
const REMEMBERED = 50_000;

/** Where all workers together remember which envelopes were opened. */
interface EnvelopeMarks {
  /** False when there is a mark already. */
  set(name: string, lifeMs: number): Promise<boolean>;
  delete(name: string): Promise<void>;
  close(): Promise<void>;
}

/** An envelope that one attempt has opened. */
export interface OpenedEnvelope {
  /** The attempt is handed back: another one may open the envelope. */
  release(): Promise<void>;
}

/**
 * Lets the envelope of a job without a row be opened once: a job that is put into the queue again, by whoever can write
 * to it, would else spend the caller's key again until the envelope expires. A job with a row needs none of this, because
 * its row has ended. An envelope is known by what it is bound to, not by its text, which can be spelt in several ways.
 */
export class OpenedEnvelopes {
  readonly #recent = new RecentIds(REMEMBERED);

  constructor(private readonly marks: EnvelopeMarks) {}

  /**
   * To be called once an envelope is open, before its key is used.
   * @param queueJobId the id under which the queue has the job: an envelope opens under its own alone.
   * @throws AppError `caller_key_unavailable` for an envelope that was opened before; `unavailable` when that cannot be asked.
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
      throw new AppError('unavailable', 'The queue went away. Try again in a moment.', { cause });
    }
  }
}

/** The launcher's Postgres queue has one worker of each kind, whose own memory is enough. */
const OWN_MEMORY: EnvelopeMarks = {
  set: () => Promise.resolve(true),
  delete: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export function openOpenedEnvelopes(settings: QueueSettings): OpenedEnvelopes {
  return new OpenedEnvelopes(isOnPostgres(settings.url) ? OWN_MEMORY : marksOnRedis(settings));
}

function marksOnRedis(settings: QueueSettings): EnvelopeMarks {
  const { url, ...options } = redisOptions({ ...settings, role: 'producer' });
  // The first command of a worker may come before its first connection.
  const redis = new Redis(url, { ...options, enableOfflineQueue: true });
  redis.on('error', () => undefined);
  const keyOf = (name: string): string => `${settings.prefix ?? 'aurra'}:opened:${name}`;
  return {
    set: async (name, lifeMs) => (await redis.set(keyOf(name), '1', 'PX', lifeMs, 'NX')) === 'OK',
    delete: async (name) => void (await redis.del(keyOf(name))),
    close: async () => void (await redis.quit().catch(() => redis.disconnect())),
  };
}
