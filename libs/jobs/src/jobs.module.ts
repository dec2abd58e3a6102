import { BullModule, getQueueToken } from '@nestjs/bullmq';
import {
  type DynamicModule,
  Inject,
  type InjectionToken,
  Logger,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import type { Queue } from 'bullmq';

import { answerQuery } from './answer-query.job.js';
import { describeUnexpected } from './describe-unexpected.js';
import { extractMemories } from './extract-memories.job.js';
import { FairOrder } from './fair-order.js';
import { JobProducer } from './job-producer.js';
import { openRateLimits } from './open-rate-limits.js';
import { openFairOrder } from './open-fair-order.js';
import { openRefusedKeys } from './open-refused-keys.js';
import { OpenedEnvelopes, openOpenedEnvelopes } from './opened-envelopes.js';
import { isOnPostgres, queueOptions, type QueueSettings } from './queue-connection.js';
import { QueueRoom } from './queue-room.js';
import { QueueServer } from './queue-server.js';
import { QueueReplyInbox, QueueReplyOutbox } from './queue-replies.js';
import { RedisReplyInbox, RedisReplyOutbox } from './redis-replies.js';
import { RateLimits } from './rate-limits.js';
import { RefusedKeys } from './refused-keys.js';
import { ReplyInbox, ReplyOutbox } from './reply.js';
import { verifyLlm } from './verify-llm.job.js';

/** Every contract's queue is registered here. */
export const CONTRACTS = [extractMemories, answerQuery, verifyLlm] as const;

const QUEUES = CONTRACTS.map(({ queue }) => getQueueToken(queue));
/** The default of QUEUE_MAX_DEPTH. */
const MAX_DEPTH = 100_000;

/** What this process has opened beside its queues: closed with it. */
const CHANNELS = 'reply-channels';

const producer: Provider = {
  provide: JobProducer,
  useFactory: (
    order: FairOrder,
    ...queues: [extraction: Queue, query: Queue, verification: Queue]
  ) => {
    const logger = new Logger('Jobs');
    // Without a listener BullMQ prints the error as it is.
    for (const queue of queues) {
      queue.on('error', (error) => logger.warn(`The queue: ${describeUnexpected(error)}`));
    }
    return new JobProducer(...queues, order);
  },
  inject: [FairOrder, ...QUEUES],
};

interface Channel {
  close(): Promise<void>;
}

type Settings = Omit<QueueSettings, 'role'>;

@Module({})
export class JobsModule implements OnApplicationShutdown {
  constructor(@Inject(CHANNELS) private readonly channels: readonly Channel[]) {}

  /** For the gateway: adds jobs, as many as there is room for, and waits for replies. */
  static forGateway(
    settings: Settings,
    { maxDepth = MAX_DEPTH }: { readonly maxDepth?: number } = {},
  ): DynamicModule {
    const forProducer = { ...settings, role: 'producer' } as const;
    const rateLimits = { provide: RateLimits, useFactory: () => openRateLimits(forProducer) };
    const room: Provider = {
      provide: QueueRoom,
      useFactory: (...queues: Queue[]) => new QueueRoom(queues, maxDepth),
      inject: QUEUES,
    };
    const base = moduleOf(
      forProducer,
      {
        provide: ReplyInbox,
        useFactory: async () => {
          const inbox = isOnPostgres(settings.url)
            ? new QueueReplyInbox(forProducer)
            : new RedisReplyInbox(forProducer);
          await inbox.open();
          return inbox;
        },
      },
      rateLimits,
    );
    return {
      ...base,
      providers: [...(base.providers ?? []), room],
      exports: [...(base.exports ?? []), QueueRoom],
    };
  }

  /** For a worker: its queues, and the way back to the gateways. Processors are its own. */
  static forWorker(settings: Settings): DynamicModule {
    return moduleOf(
      { ...settings, role: 'worker' },
      {
        provide: ReplyOutbox,
        useFactory: () =>
          isOnPostgres(settings.url)
            ? new QueueReplyOutbox({ ...settings, role: 'producer' })
            : new RedisReplyOutbox({ ...settings, role: 'worker' }),
      },
      {
        provide: OpenedEnvelopes,
        useFactory: () => openOpenedEnvelopes({ ...settings, role: 'worker' }),
      },
    );
  }

  /** For ops: the queues alone. */
  static forOps(settings: Settings): DynamicModule {
    return moduleOf({ ...settings, role: 'producer' });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.channels.map((channel) => channel.close()));
  }
}

interface ChannelProvider {
  readonly provide: InjectionToken;
  readonly useFactory: () => Channel | Promise<Channel>;
}

/** @param opened what is open beside the queues; none where nobody replies. */
function moduleOf(settings: QueueSettings, ...opened: readonly ChannelProvider[]): DynamicModule {
  const queues = BullModule.registerQueue(
    ...CONTRACTS.map(({ queue }) => ({ name: queue, ...queueOptions(queue, settings) })),
  );
  const refusedKeys = { provide: RefusedKeys, useFactory: () => openRefusedKeys(settings) };
  const server = { provide: QueueServer, useFactory: () => new QueueServer(settings) };
  const order = { provide: FairOrder, useFactory: () => openFairOrder(settings) };
  const ports = opened.length === 0 ? [order] : [order, ...opened, refusedKeys, server];
  return {
    module: JobsModule,
    global: true,
    imports: [queues],
    providers: [
      producer,
      ...ports,
      {
        provide: CHANNELS,
        useFactory: (...channels: Channel[]) => channels,
        inject: ports.map(({ provide }) => provide),
      },
    ],
    exports: [queues, producer, ...ports],
  };
}
