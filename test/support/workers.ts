import { generateSealingPair, KeySealer, type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import { keyListSetting } from '@app/config';
import { JobProducer, JobsModule, type Reply, ReplyInbox } from '@app/jobs';
import { getQueueToken } from '@nestjs/bullmq';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Queue } from 'bullmq';
import { inject } from 'vitest';

import { queryWorkerSettings } from '../../apps/query-worker/src/query-worker.config.js';
import { QueryWorkerModule } from '../../apps/query-worker/src/query-worker.module.js';
import { extractionWorkerSettings } from '../../apps/extraction-worker/src/extraction-worker.config.js';
import { ExtractionWorkerModule } from '../../apps/extraction-worker/src/extraction-worker.module.js';
import { type Simulator, startSimulator } from '../../scripts/simulator/index.js';
import { type ConnectedDatabase, connectedDatabase } from './connected.js';

type Environment = Readonly<Record<string, string>>;

/** The gateway's side of the queue, a simulator, and workers that a test starts. Each test file has its own. */
export interface WorkerBench {
  readonly connected: ConnectedDatabase;
  readonly simulator: Simulator;
  readonly sealer: KeySealer;
  readonly producer: JobProducer;
  readonly inbox: ReplyInbox;
  queue(name: string): Queue;
  /** A caller's target at the simulator. */
  target(key: string): LlmTarget;
  startExtraction(environment?: Environment): Promise<INestApplicationContext>;
  startQuery(environment?: Environment): Promise<INestApplicationContext>;
  /** Waits for the reply to a job that `send` adds. */
  replyTo(jobId: string, send: () => Promise<void>): Promise<Reply | undefined>;
  close(): Promise<void>;
}

const REPLY_WITHIN_MS = 10_000;

/** @param prefix keeps this file's queues apart. */
export async function workerBench(prefix: string): Promise<WorkerBench> {
  const connected = await connectedDatabase();
  const simulator = await startSimulator();
  const pair = generateSealingPair('test');
  const gateway = await Test.createTestingModule({
    imports: [JobsModule.forGateway({ url: inject('redisUrl'), prefix })],
  }).compile();
  await gateway.init();
  const started = new Set<INestApplicationContext>();
  const environment: Environment = {
    DATABASE_URL: connected.url,
    DATABASE_POOL_SIZE: '4',
    QUEUE_URL: inject('redisUrl'),
    QUEUE_PREFIX: prefix,
    METRICS_PORT: '0',
    CALLER_KEY_PRIVATE_KEYS: pair.privateKeys,
    LLM_ALLOWED_HOSTS: `127.0.0.1:${simulator.port}`,
    SHUTDOWN_GRACE_MS: '100',
  };
  const start = async (module: Parameters<typeof NestFactory.createApplicationContext>[0]) => {
    const worker = await NestFactory.createApplicationContext(module, { logger: false });
    started.add(worker);
    return worker;
  };
  const inbox = gateway.get(ReplyInbox);
  return {
    connected,
    simulator,
    sealer: new KeySealer(keyListSetting.parse(pair.publicKeys)),
    producer: gateway.get(JobProducer),
    inbox,
    queue: (name) => gateway.get<Queue>(getQueueToken(name), { strict: false }),
    target: (key) =>
      llmTargetSchema.parse({
        provider: 'openai',
        model: 'gpt-5-mini',
        key,
        base_url: `${simulator.url}/v1`,
      }),
    startExtraction: (over = {}) =>
      start(
        ExtractionWorkerModule.forRoot(extractionWorkerSettings.parse({ ...environment, ...over })),
      ),
    startQuery: (over = {}) =>
      start(QueryWorkerModule.forRoot(queryWorkerSettings.parse({ ...environment, ...over }))),
    async replyTo(jobId, send) {
      using expected = inbox.expect(jobId);
      await send();
      return await expected.reply(REPLY_WITHIN_MS);
    },
    async close() {
      await Promise.all([...started].map((worker) => worker.close()));
      await closeGateway(gateway);
      await simulator.close();
      await connected.close();
    },
  };
}

async function closeGateway(gateway: TestingModule): Promise<void> {
  for (const name of ['extraction', 'query', 'verification']) {
    await gateway.get<Queue>(getQueueToken(name), { strict: false }).obliterate({ force: true });
  }
  await gateway.close();
}
