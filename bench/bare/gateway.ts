/** The least that accepts a write: one server, one INSERT, one job. Node runs this file as it is. */
import { randomUUID } from 'node:crypto';

import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { Pool } from 'pg';

const { DATABASE_URL = '', QUEUE_HOST = '', QUEUE_PORT = '' } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 16 });
const queue = new Queue('writes', { connection: { host: QUEUE_HOST, port: Number(QUEUE_PORT) } });
const ACCOUNT = randomUUID();

const INSERT = `
  insert into writes (id, account_id, tenant_id, state, request, request_id, created_at)
  values ($1, $2, $3, 'queued', $4, $5, now())`;

interface WriteBody {
  readonly tenant_id: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly llm?: object;
}

const server = Fastify();
server.post<{ readonly Body: WriteBody }>('/agent/memories', async ({ body }, reply) => {
  const id = randomUUID();
  const { llm, tenant_id: tenant, ...request } = body;
  await pool.query(INSERT, [id, ACCOUNT, tenant, JSON.stringify(request), randomUUID()]);
  await queue.add('extract', { id, llm }, { removeOnComplete: true });
  return reply.code(202).send({ status: 'accepted', job_id: id });
});

process.once('SIGTERM', () => process.exit(0));
const address = await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.(address);
