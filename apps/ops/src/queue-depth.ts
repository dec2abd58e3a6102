import { metrics } from '@app/observability';
import type { Queue } from 'bullmq';

/** With priorities BullMQ's `wait` list reads 0 and jobs sit in `prioritized`: both are exported, and workers scale on their sum. */
const STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** Reads the depth of every queue whenever the metrics are asked for. */
export function exportQueueDepth(queues: readonly Queue[]): void {
  metrics.onCollect(metrics.queueJobs, async () => {
    for (const queue of queues) {
      const counts = await queue.getJobCounts(...STATES);
      for (const state of STATES)
        metrics.queueJobs.set({ queue: queue.name, state }, counts[state] ?? 0);
    }
  });
}
