/** The least that extracts facts: one guarded UPDATE, one call of a model, one transaction. Node runs this file as it is. */
import { Worker } from 'bullmq';
import OpenAI from 'openai';
import { Pool } from 'pg';

const { DATABASE_URL = '', QUEUE_HOST = '', QUEUE_PORT = '', CONCURRENCY = '' } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 16 });

const CLAIM = `
  update writes set state = 'running', attempt = attempt + 1, started_at = now()
   where id = $1 and state = 'queued' returning request`;
const STORE = `
  insert into facts (write_id, account_id, tenant_id, text, topic, category, importance, created_at)
  select w.id, w.account_id, w.tenant_id, f.fact, f.topic, f.category, f.importance, now()
    from writes w, jsonb_to_recordset($2::jsonb) as f(fact text, topic text, category text, importance smallint)
   where w.id = $1`;
const END = `
  update writes set state = 'succeeded', request = null, finished_at = clock_timestamp()
   where id = $1 and state = 'running'`;

/** About as long as the product's own prompt. */
const INSTRUCTIONS = 'Read the conversation and answer with the facts in it as JSON. '.repeat(80);

interface WriteJob {
  readonly id: string;
  readonly llm: { readonly base_url: string; readonly key: string; readonly model: string };
}

let model: OpenAI | undefined;

async function extract({ id, llm }: WriteJob): Promise<void> {
  const claimed = await pool.query(CLAIM, [id]);
  const { messages } = claimed.rows[0].request;
  model ??= new OpenAI({ apiKey: llm.key, baseURL: llm.base_url, maxRetries: 0 });
  const lines = messages.map(({ role, content }: Record<string, string>, n: number) =>
    JSON.stringify({ n, role, name: null, at: null, text: content }),
  );
  const completion = await model.chat.completions.create({
    model: llm.model,
    response_format: { type: 'json_object' },
    messages: [
      { role: 'system', content: INSTRUCTIONS },
      { role: 'user', content: `<conversation>\n${lines.join('\n')}\n</conversation>` },
    ],
  });
  const { facts } = JSON.parse(completion.choices[0]?.message.content ?? '{}');
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(STORE, [id, JSON.stringify(facts)]);
    await client.query(END, [id]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

const worker = new Worker<WriteJob>('writes', (job) => extract(job.data), {
  connection: { host: QUEUE_HOST, port: Number(QUEUE_PORT) },
  concurrency: Number(CONCURRENCY),
});
worker.on('failed', (_job, error) => console.error(error));
process.once('SIGTERM', () => process.exit(0));
await worker.waitUntilReady();
process.send?.('ready');
