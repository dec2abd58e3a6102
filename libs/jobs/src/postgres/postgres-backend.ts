import {
  type ConnectionOptions,
  createPostgresBackend,
  PostgresConnection,
  setDefaultBackendFactory,
} from 'bullmq';
import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible';

import type { FairOrder } from '../fairness/fair-order.js';
import { type EnvelopeMarks, OpenedEnvelopes } from '../limits/opened-envelopes.js';
import { RateLimits, requestCounterOptions } from '../limits/rate-limits.js';
import { refusalCounterOptions, RefusedKeys } from '../limits/refused-keys.js';
import type { QueueBackend } from '../backend/queue-backend.js';
import type { QueueSettings } from '../connection/queue-settings.js';
import type { QueueEpochs } from '../backend/queue-epochs.js';
import { QueueServer, type ServerSettings } from '../backend/queue-server.js';
import { LocalFairOrder } from './local-fair-order.js';
import { PostgresReplyInbox, PostgresReplyOutbox } from './postgres-replies.js';

/** Connections of one BullMQ connection. They are few, because four apps share the hundred that Postgres allows by default. */
const POOL_SIZE = 4;

/**
 * The launcher's queue, in Postgres: one gateway and one worker of each kind, without Redis. State that processes of a
 * deployment share is here in the memory of the only process that uses it. The exception is the counter of rejected keys,
 * which the workers increase and the gateway reads.
 */
export class PostgresBackend implements QueueBackend {
  constructor(private readonly settings: QueueSettings) {}

  /** @nestjs/bullmq passes no backend to BullMQ's classes, so this sets the default of the whole process. */
  connection(): ConnectionOptions {
    setDefaultBackendFactory(createPostgresBackend as never);
    return { connectionString: this.settings.url, migrate: true, max: POOL_SIZE };
  }

  fairOrder(): FairOrder {
    return new LocalFairOrder();
  }

  async replyInbox(): Promise<PostgresReplyInbox> {
    const inbox = new PostgresReplyInbox(this.connection(), this.settings);
    await inbox.open();
    return inbox;
  }

  replyOutbox(): PostgresReplyOutbox {
    return new PostgresReplyOutbox(this.connection(), this.settings);
  }

  rateLimits(): RateLimits {
    return new RateLimits(
      (perMinute) => new RateLimiterMemory(requestCounterOptions(perMinute, this.settings)),
      () => Promise.resolve(),
    );
  }

  /** The counter is a table in the schema that BullMQ makes for itself. */
  async refusedKeys(): Promise<RefusedKeys> {
    const connection = new PostgresConnection({
      connectionString: this.settings.url,
      migrate: true,
      max: 1,
    }).on('error', () => undefined);
    await connection.waitUntilReady();
    const counter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
      const made: RateLimiterPostgres = new RateLimiterPostgres(
        {
          ...refusalCounterOptions(this.settings),
          storeClient: connection.pool,
          storeType: 'pool',
          schemaName: connection.schema,
          tableName: 'refused_keys',
        },
        (error) => (error ? reject(error) : setImmediate(() => resolve(made))),
      );
    });
    return new RefusedKeys(counter, () => connection.close());
  }

  openedEnvelopes(): OpenedEnvelopes {
    return new OpenedEnvelopes(NO_SHARED_MARKS);
  }

  epochs(): QueueEpochs {
    return new LocalQueueEpochs();
  }

  server(): QueueServer {
    return new PostgresQueueServer();
  }
}

/** There is one worker of each kind, and `OpenedEnvelopes` remembers the envelopes that its own process has opened. */
const NO_SHARED_MARKS: EnvelopeMarks = {
  set: () => Promise.resolve(true),
  delete: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Postgres does not lose its jobs, so there is one epoch. A restarted worker checks all rows again. */
class LocalQueueEpochs implements QueueEpochs {
  readonly #checked = new Set<string>();

  epochOf(): Promise<string> {
    return Promise.resolve('postgres');
  }

  wasChecked({ queue }: { readonly queue: string }): Promise<boolean> {
    return Promise.resolve(this.#checked.has(queue));
  }

  noteChecked({ queue }: { readonly queue: string }): Promise<void> {
    this.#checked.add(queue);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Readiness asks the database itself, and Postgres has no setting that the queue requires. */
class PostgresQueueServer extends QueueServer {
  override isWritable(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override settings(): Promise<ServerSettings> {
    return Promise.resolve({ state: 'ok', faults: [] });
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
