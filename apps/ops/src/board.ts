import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import basicAuth from '@fastify/basic-auth';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';

import { BoardLogin } from './board-login.js';
import type { OpsSettings } from './ops.config.js';

/**
 * Scripts from here alone, none of them inline. The board's page names a font on an outside host: nothing of an
 * operator's browser goes there.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Bull Board under `/`, behind a login. A failed write is run again by POST /admin/jobs/{id}/retry, not here. */
export async function mountBoard(
  server: FastifyInstance,
  queues: readonly Queue[],
  settings: OpsSettings,
): Promise<void> {
  const board = new FastifyAdapter().setBasePath('/');
  createBullBoard({
    queues: queues.map((queue) => {
      const adapter = new BullMQAdapter(queue, {
        readOnlyMode: settings.OPS_READ_ONLY,
        allowRetries: false,
      });
      adapter.setFormatter('data', redactJobData);
      adapter.setFormatter('returnValue', () => null);
      adapter.setFormatter('progress', () => null);
      return adapter;
    }),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Aurra' } },
  });

  const login = new BoardLogin(settings);
  await server.register(basicAuth, {
    authenticate: { realm: 'Aurra operations' },
    validate: (user, password, { ip }, reply, done) =>
      done(login.refusalOf(ip, user, password, reply)),
  });
  server.addHook('onRequest', server.basicAuth);
  server.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });
  await server.register(board.registerPlugin());
}

const HIDDEN = '[sealed]';

/** Job data fit to be shown: ids as they are, the envelope not at all, unknown fields not either. */
export function redactJobData(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      name === 'sealed' ? HIDDEN : SHOWN.has(name) ? value : HIDDEN,
    ]),
  );
}

/** What may be seen is listed, not what may not: a field that is added later is hidden until somebody decides. */
const SHOWN = new Set([
  'v',
  'writeId',
  'queryId',
  'accountId',
  'run',
  'stored',
  'llmAccount',
  'requestId',
  'traceparent',
]);
