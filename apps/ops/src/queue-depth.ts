import { metrics } from '@app/observability';
import type { Job, Queue } from 'bullmq';

/** With priorities BullMQ's `wait` list reads 0 and jobs sit in `prioritized`: both are exported, and workers scale on their sum. */
const STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** The oldest job of each account stands among the first: more accounts than this seldom wait at once. */
const LOOKED_AT = 100;

/** Reads the depth of every queue whenever the metrics are asked for. */
export function exportQueueDepth(queues: readonly Queue[]): void {
  metrics.onCollect(metrics.queueJobs, async () => {
    for (const queue of queues) {
      const counts = await queue.getJobCounts(...STATES);
      for (const state of STATES)
        metrics.queueJobs.set({ queue: queue.name, state }, counts[state] ?? 0);
    }
  });
  // Each gauge is read by itself: one that another sets on the way would show what was true at the last question.
  metrics.onCollect(metrics.queueOldestSeconds, async () => {
    for (const queue of queues)
      metrics.queueOldestSeconds.set({ queue: queue.name }, await oldestSeconds(queue));
  });
}

/** Where accounts are served in turn, the next job need not be the oldest. */
async function oldestSeconds(queue: Queue): Promise<number> {
  const waiting = [
    ...(await queue.getJobs(['wait'], 0, 0, true)),
    ...(await queue.getJobs(['prioritized'], 0, LOOKED_AT - 1, true)),
  ];
  // A job that a worker took meanwhile is not there any more.
  const since = waiting.map((job: Job | undefined) => job?.timestamp ?? Infinity);
  const oldest = Math.min(Infinity, ...since);
  return Number.isFinite(oldest) ? Math.max(0, (Date.now() - oldest) / 1_000) : 0;
}
