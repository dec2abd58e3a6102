import { metrics } from './metrics.js';
import { requestContext } from './request-context.js';

interface JobIds {
  readonly requestId: string;
  readonly jobId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Counts the outcomes of a worker's attempts, and adds the ids of a job to its log lines. */
export const jobObserver = {
  async within<Result>(queue: string, ids: JobIds, work: () => Promise<Result>): Promise<Result> {
    const end = metrics.jobSeconds.startTimer({ queue });
    try {
      return await requestContext.run({ ...ids }, work);
    } finally {
      end();
    }
  },
  ended(queue: string, outcome: string): void {
    metrics.jobsEnded.inc({ queue, outcome });
  },
  retried(queue: string, code: string): void {
    metrics.jobsRetried.inc({ queue, code });
  },
};

/** Counts the calls and tokens of one generation, by provider and by the account that paid. */
export function countSpent(
  { provider, account }: { readonly provider: string; readonly account: 'caller' | 'bundled' },
  spent: {
    readonly llmCalls: number;
    readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  },
): void {
  metrics.llmCalls.inc({ provider, account }, spent.llmCalls);
  metrics.llmTokens.inc({ provider, account, direction: 'input' }, spent.usage.inputTokens);
  metrics.llmTokens.inc({ provider, account, direction: 'output' }, spent.usage.outputTokens);
}
