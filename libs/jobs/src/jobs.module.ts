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

import { CONTRACTS } from './contracts/contracts.js';
import { FairOrder } from './fairness/fair-order.js';
import { OpenedEnvelopes } from './limits/opened-envelopes.js';
import { RateLimits } from './limits/rate-limits.js';
import { RefusedKeys } from './limits/refused-keys.js';
import { describeUnexpected } from './queue/describe-unexpected.js';
import { JobProducer } from './queue/job-producer.js';
import { openQueueBackend, queueOptions } from './open-queue-backend.js';
import type { Closable } from './backend/queue-backend.js';
import type { QueueRole, QueueSettings } from './connection/queue-settings.js';
import { QueueRoom } from './queue/queue-room.js';
import { QueueServer } from './backend/queue-server.js';
import { ReplyInbox, ReplyOutbox } from './replies/reply.js';

const QUEUES = CONTRACTS.map(({ queue }) => getQueueToken(queue));
/** Default of QUEUE_MAX_DEPTH. */
const MAX_DEPTH = 100_000;

/** The injection token of everything that this process has opened beside its queues. The module closes it at shutdown. */
const OPENED = 'opened-beside-queues';

const producer: Provider = {
  provide: JobProducer,
  useFactory: (order: FairOrder, ...queues: Queue[]) => {
    const logger = new Logger('Jobs');
    // Without a listener BullMQ prints the whole error, which may quote a payload.
    for (const queue of queues) {
      queue.on('error', (error) => logger.warn(`The queue: ${describeUnexpected(error)}`));
    }
    return new JobProducer(queues, order);
  },
  inject: [FairOrder, ...QUEUES],
};

@Module({})
export class JobsModule implements OnApplicationShutdown {
  constructor(@Inject(OPENED) private readonly opened: readonly Closable[]) {}

  /** For the gateway: adds jobs up to the queues' bound, and waits for replies. */
  static forGateway(
    settings: QueueSettings,
    { maxDepth = MAX_DEPTH }: { readonly maxDepth?: number } = {},
  ): DynamicModule {
    const backend = openQueueBackend(settings);
    const room: Provider = {
      provide: QueueRoom,
      useFactory: (...queues: Queue[]) => new QueueRoom(queues, maxDepth),
      inject: QUEUES,
    };
    const base = moduleOf(settings, 'producer', [
      { provide: ReplyInbox, useFactory: () => backend.replyInbox() },
      { provide: RateLimits, useFactory: () => backend.rateLimits() },
      { provide: RefusedKeys, useFactory: () => backend.refusedKeys('producer') },
      { provide: QueueServer, useFactory: () => backend.server() },
    ]);
    return {
      ...base,
      providers: [...(base.providers ?? []), room],
      exports: [...(base.exports ?? []), QueueRoom],
    };
  }

  /** For a worker: reads queues, and sends replies to the gateways. */
  static forWorker(settings: QueueSettings): DynamicModule {
    const backend = openQueueBackend(settings);
    return moduleOf(settings, 'worker', [
      { provide: ReplyOutbox, useFactory: () => backend.replyOutbox() },
      { provide: OpenedEnvelopes, useFactory: () => backend.openedEnvelopes() },
      { provide: RefusedKeys, useFactory: () => backend.refusedKeys('worker') },
      { provide: QueueServer, useFactory: () => backend.server() },
    ]);
  }

  /** For ops: only the queues. */
  static forOps(settings: QueueSettings): DynamicModule {
    return moduleOf(settings, 'producer', []);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.opened.map((one) => one.close()));
  }
}

interface ClosableProvider {
  readonly provide: InjectionToken;
  readonly useFactory: () => Closable | Promise<Closable>;
}

function moduleOf(
  settings: QueueSettings,
  role: QueueRole,
  ports: readonly ClosableProvider[],
): DynamicModule {
  const queues = BullModule.registerQueue(
    ...CONTRACTS.map(({ queue }) => ({
      name: queue,
      ...queueOptions(queue, { ...settings, role }),
    })),
  );
  const order = {
    provide: FairOrder,
    useFactory: () => openQueueBackend(settings).fairOrder(),
  };
  const opened = [order, ...ports];
  return {
    module: JobsModule,
    global: true,
    imports: [queues],
    providers: [
      producer,
      ...opened,
      {
        provide: OPENED,
        useFactory: (...all: Closable[]) => all,
        inject: opened.map(({ provide }) => provide),
      },
    ],
    exports: [queues, producer, ...opened],
  };
}
