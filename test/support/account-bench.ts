import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

import type { GatewayBench, Received } from './gateway.js';
import type { Kind } from './route-requests.js';

/** The objects of one account, of every kind that a route can name, and the words that all of them contain. */
export interface Holdings {
  readonly ids: Readonly<Record<Kind, readonly string[]>>;
  readonly tenant: string;
  /** Texts that no answer to another account may hold. */
  readonly canaries: readonly string[];
}

export interface AccountBench {
  readonly id: string;
  readonly key: string;
  readonly keyId: string;
  send(url: string, sent?: object): Promise<Received>;
  /** Stores a memory, and jobs that are queued, failed and succeeded. */
  hold(tenant?: string | null): Promise<Holdings>;
}

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-holdings-0123456789abcdef',
  base_url: 'https://api.example.com/v1',
};

/** Makes another account of this gateway, on a plan without limits. */
export async function makeAccountBench(gateway: GatewayBench): Promise<AccountBench> {
  const body = { name: 'one of several', plan_tier: 'unlimited' };
  const { json } = await gateway.administer('/admin/accounts', { body });
  const key: string = json.api_key;
  const send = (url: string, sent: object = {}): Promise<Received> =>
    gateway.send(url, { key, ...sent });
  return {
    id: json.account_id,
    key,
    keyId: json.api_key_id,
    send,
    hold: async (tenant = `tenant-${randomUUID()}`) => {
      const word = `canary${randomUUID().slice(0, 8)}`;
      const scope = {
        tenant_id: tenant,
        session_id: `session ${word}`,
        metadata: { note: word },
        source: `source-${word}`,
      };
      const memory = await send('/agent/memories', {
        body: { ...scope, content: `The password of the cellar is ${word}.`, topic: word },
      });
      const later = async (url: string, asked: object): Promise<string> => {
        const sent = { body: { ...asked, llm: LLM }, headers: { prefer: 'respond-async' } };
        return (await send(url, sent)).json.job_id;
      };
      const messages = [{ role: 'user', content: `I said ${word}.` }];
      const queued = await later('/agent/memories', { ...scope, messages });
      const failed = await later('/agent/memories', { ...scope, messages });
      const question = await later('/agent/query', {
        question: `Where is ${word}?`,
        tenant_id: tenant,
      });
      await fail(gateway.databaseUrl, failed);
      const succeeded = String(memory.headers['location']).replace('/agent/jobs/', '');
      const ids = {
        memory: [memory.json.memory_id as string],
        job: [queued, failed, question, succeeded],
        account: [json.account_id as string],
        apiKey: [json.api_key_id as string],
      };
      if (Object.values(ids).some((some) => some.some((id) => id === undefined)))
        throw new Error('An account could not be filled.');
      return { ids, tenant: tenant ?? '', canaries: [word, ...ids.memory, ...ids.job] };
    },
  };
}

/** Sets the row of a write to failed, as a worker does at a final failure. */
async function fail(databaseUrl: string, writeId: string): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await database.query(
      `update writes set state = 'failed', finished_at = now(), next_check_at = null,
                         failure = '{"code": "llm_auth_failed", "detail": "The provider refused the key."}' where id = $1`,
      [writeId],
    );
  } finally {
    await database.end();
  }
}
