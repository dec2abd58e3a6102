import { requestContext } from '@app/observability';
import { randomUUID } from 'node:crypto';

import { refusalOf } from './faults.js';
import { holdsKeyOf, keyElsewhere } from './key-elsewhere.js';
import type { Path } from './texts.js';

/** @throws AppError for a request that holds its own `llm` key in another place than the one for it. */
export function refuseMisplacedKeys(body: unknown): void {
  const misplaced = [...keyElsewhere(body), ...keyAsRequestId(body)];
  if (misplaced.length > 0) throw refusalOf(misplaced);
}

/** A client's own id is echoed, stored and logged: one that holds the key is dropped, and the request refused. */
function keyAsRequestId(body: unknown): readonly { path: Path; message: string }[] {
  const context = requestContext.get();
  if (!context || !holdsKeyOf(body, context.requestId)) return [];
  context.requestId = randomUUID();
  return [
    { path: ['X-Request-Id'], message: 'holds the llm key. The key may stand in llm.key alone' },
  ];
}
