import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import basicAuth from '@fastify/basic-auth';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';

import { BoardLogin } from './board-login.js';
import type { OpsSettings } from './ops.config.js';

/**
 * The Content-Security-Policy of the board. It allows scripts from this origin only, and none inline. It also stops the
 * board's page from loading its font from another host.
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

/** Serves Bull Board under `/`, behind a login. It has no retry button: POST /admin/jobs/{id}/retry runs a failed job again. */
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
    validate: (user, password, { ip }, reply, done) => done(login.check(ip, user, password, reply)),
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

/** The job data that the board shows: ids and flags as they are; the envelope and unknown fields hidden. */
export function redactJobData(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, SHOWN.has(name) ? value : HIDDEN]),
  );
}

/** The fields that may be shown. A field that is added to a payload later stays hidden until it is added here. */
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
