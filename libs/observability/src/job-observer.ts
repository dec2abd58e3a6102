import { metrics } from './metrics.js';
import { requestContext } from './request-context.js';

interface Ids {
  readonly requestId: string;
  readonly jobId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Counts what a worker's attempts come to, and gives their log lines their ids. */
export const jobObserver = {
  async within<Result>(queue: string, ids: Ids, work: () => Promise<Result>): Promise<Result> {
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

/** Counts the calls and tokens of one generation, and whose account paid for them. */
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
