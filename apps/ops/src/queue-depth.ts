import { metrics } from '@app/observability';
import type { Job, Queue } from 'bullmq';

/** Jobs with a priority wait in `prioritized`, others in `wait`. Both are exported; autoscaling uses their sum. */
const STATES = ['wait', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** Jobs that are read to find the oldest. Each account's oldest job is near the front, so they are enough for as many accounts. */
const JOBS_READ = 100;

/** Reads the depth of every queue at each scrape of the metrics. */
export function exportQueueDepth(queues: readonly Queue[]): void {
  metrics.onCollect(metrics.queueJobs, async () => {
    for (const queue of queues) {
      const counts = await queue.getJobCounts(...STATES);
      for (const state of STATES)
        metrics.queueJobs.set({ queue: queue.name, state }, counts[state] ?? 0);
    }
  });
  // All gauges are read at the same time, so a gauge that another gauge's reader sets could show the value of the last scrape.
  metrics.onCollect(metrics.queueOldestSeconds, async () => {
    for (const queue of queues)
      metrics.queueOldestSeconds.set({ queue: queue.name }, await oldestSeconds(queue));
  });
}

/** The age of the oldest waiting job. The fair order serves accounts in turn, so the next job need not be the oldest. */
async function oldestSeconds(queue: Queue): Promise<number> {
  const waiting = [
    ...(await queue.getJobs(['wait'], 0, 0, true)),
    ...(await queue.getJobs(['prioritized'], 0, JOBS_READ - 1, true)),
  ];
  // `getJobs` leaves out a job that was removed after its id was read; `undefined` is only a precaution.
  const since = waiting.map((job: Job | undefined) => job?.timestamp ?? Infinity);
  const oldest = Math.min(Infinity, ...since);
  return Number.isFinite(oldest) ? Math.max(0, (Date.now() - oldest) / 1_000) : 0;
}
