import { requestContext } from '@app/observability';
import { randomUUID } from 'node:crypto';

import { refusalOf } from './faults.js';
import { keyElsewhere, longKeysHeldBy } from './key-elsewhere.js';
import { holdsPartOf } from './part-of-key.js';
import type { Path } from './texts.js';

/** @throws AppError for a request that holds its own `llm` key in another place than the one for it. */
export function refuseMisplacedKeys(body: unknown): void {
  const misplaced = [...keyElsewhere(body), ...keysInHeaders(body)];
  if (misplaced.length > 0) throw refusalOf(misplaced);
}

/**
 * The headers that are logged, echoed or handed to the workers: one that holds a part of a key is dropped, and the
 * request refused.
 */
function keysInHeaders(body: unknown): readonly { path: Path; message: string }[] {
  const context = requestContext.get();
  const keys = longKeysHeldBy(body);
  if (!context || keys.length === 0) return [];
  const named: string[] = [];
  if (holdsPartOf(keys, context.requestId)) {
    context.requestId = randomUUID();
    named.push('X-Request-Id');
  }
  if (context.traceparent !== undefined && holdsPartOf(keys, context.traceparent)) {
    context.traceparent = undefined;
    named.push('traceparent');
  }
  return named.map((name) => ({
    path: [name],
    message: 'holds the llm key, or a part of it. The key may stand in llm.key alone',
  }));
}
