import { AsyncLocalStorage } from 'node:async_hooks';

/** The ids and settings of one request or job, for all code that works on it. Its log lines show the ids. */
export interface RequestContext {
  /** Replaced by a new id when it contains the caller's key. */
  requestId: string;
  readonly jobId?: string | undefined;
  accountId?: string | undefined;
  /** Removed when it contains the caller's key. */
  traceparent?: string | undefined;
  /** True when the request asked for `Prefer: handling=strict`: fields that the route does not know are refused. */
  readonly strict?: boolean | undefined;
  /** Milliseconds spent per part of the service, for Server-Timing. */
  readonly timings?: Map<TimedPart, number> | undefined;
}

export type TimedPart = 'llm' | 'db' | 'queue';

const storage = new AsyncLocalStorage<RequestContext>();

export const requestContext = {
  run: <Result>(context: RequestContext, work: () => Result): Result => storage.run(context, work),
  get: (): RequestContext | undefined => storage.getStore(),
};

/** Adds the time until `work` settles to this request's Server-Timing. */
export async function timed<Result>(part: TimedPart, work: Promise<Result>): Promise<Result> {
  const timings = storage.getStore()?.timings;
  if (!timings) return work;
  const start = performance.now();
  try {
    return await work;
  } finally {
    timings.set(part, (timings.get(part) ?? 0) + performance.now() - start);
  }
}
