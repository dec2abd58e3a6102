import { getQueueToken } from '@nestjs/bullmq';
import { BullModule } from '@nestjs/bullmq';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import type { Queue } from 'bullmq';

import { answerQuery } from './answer-query.job.js';
import { extractMemories } from './extract-memories.job.js';
import { JobProducer } from './job-producer.js';
import { isOnPostgres, prefixOf, queueConnection, type QueueSettings } from './queue-connection.js';
import { QueueReplyInbox, QueueReplyOutbox } from './queue-replies.js';
import { RedisReplyInbox, RedisReplyOutbox } from './redis-replies.js';
import { ReplyInbox, ReplyOutbox } from './reply.js';

/** Every contract's queue is registered here. */
export const CONTRACTS = [extractMemories, answerQuery] as const;

/** Old events hold ids and codes only, and few of them are kept. */
const EVENTS_KEPT = 1_000;

const producer: Provider = {
  provide: JobProducer,
  useFactory: (extraction: Queue, query: Queue) => new JobProducer(extraction, query),
  inject: [getQueueToken(extractMemories.queue), getQueueToken(answerQuery.queue)],
};

@Module({})
export class JobsModule implements OnApplicationShutdown {
  constructor(
    @Inject('reply-channels') private readonly channels: readonly { close(): Promise<void> }[],
  ) {}

  /** For the gateway: adds jobs and waits for replies. */
  static forGateway(settings: Omit<QueueSettings, 'role'>): DynamicModule {
    const inbox = isOnPostgres(settings.url)
      ? new QueueReplyInbox({ ...settings, role: 'producer' })
      : new RedisReplyInbox({ ...settings, role: 'producer' });
    return moduleOf(
      { ...settings, role: 'producer' },
      [producer],
      [{ provide: ReplyInbox, useFactory: async () => (await inbox.open(), inbox) }],
      [inbox],
    );
  }

  /** For a worker: its queues, and the way back to the gateways. Processors are its own. */
  static forWorker(settings: Omit<QueueSettings, 'role'>): DynamicModule {
    const outbox = isOnPostgres(settings.url)
      ? new QueueReplyOutbox({ ...settings, role: 'producer' })
      : new RedisReplyOutbox({ ...settings, role: 'worker' });
    return moduleOf(
      { ...settings, role: 'worker' },
      [producer],
      [{ provide: ReplyOutbox, useValue: outbox }],
      [outbox],
    );
  }

  /** For ops: the queues alone. */
  static forOps(settings: Omit<QueueSettings, 'role'>): DynamicModule {
    return moduleOf({ ...settings, role: 'producer' }, [producer], [], []);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.channels.map((channel) => channel.close()));
  }
}

function moduleOf(
  settings: QueueSettings,
  producers: Provider[],
  replies: Provider[],
  channels: readonly { close(): Promise<void> }[],
): DynamicModule {
  const connection = queueConnection(settings);
  const queues = BullModule.registerQueue(
    ...CONTRACTS.map(({ queue }) => ({
      name: queue,
      connection,
      prefix: prefixOf(queue, settings),
      streams: { events: { maxLen: EVENTS_KEPT } },
    })),
  );
  return {
    module: JobsModule,
    global: true,
    imports: [queues],
    providers: [...producers, ...replies, { provide: 'reply-channels', useValue: channels }],
    exports: [queues, ...producers, ...replies],
  };
}
