/** @returns the result of `work`, or `late` after `timeoutMs`. The work goes on then, and its result is dropped. */
export async function within<Result, Late>(
  work: Promise<Result>,
  timeoutMs: number,
  late: Late,
): Promise<Result | Late> {
  const { promise: timeout, resolve } = Promise.withResolvers<Late>();
  // Not AbortSignal.timeout: its timer, and all that it references, would live on until it fires.
  const timer = setTimeout(() => resolve(late), timeoutMs);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
