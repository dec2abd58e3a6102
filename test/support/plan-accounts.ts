import { Database } from '@app/persistence';

import type { GatewayBench, Received, Sent } from './gateway.js';

export const PLANS = JSON.stringify({
  free: { writes_per_month: 3, queries_per_month: 2, requests_per_minute: 1_000 },
  starter: { writes_per_month: 5, queries_per_month: 50, requests_per_minute: 1_000 },
  slow: { writes_per_month: null, queries_per_month: null, requests_per_minute: 3 },
  unlimited: { writes_per_month: null, queries_per_month: null, requests_per_minute: null },
});

/** Makes an account for one test, on a gateway with the tiers of `PLANS`. */
export async function planAccount(gateway: GatewayBench, plan_tier = 'free') {
  const { json } = await gateway.administer('/admin/accounts', { body: { name: 'a', plan_tier } });
  const { account_id: id, api_key: key } = json as Readonly<Record<string, string>>;
  const database = gateway.app.get(Database, { strict: false });
  const send = (url: string, sent: Sent = {}): Promise<Received> =>
    gateway.send(url, { ...(key !== undefined && { key }), ...sent });
  const keysUrl = `/admin/accounts/${id}/keys`;
  return {
    id: id ?? '',
    key: key ?? '',
    send,
    status: async () => (await send('/plan/status')).json,
    patch: (body: unknown) =>
      gateway.administer(`/admin/accounts/${id}`, { method: 'PATCH', body }),
    anotherKey: async (): Promise<string> =>
      (await gateway.administer(keysUrl, { body: {} })).json.api_key,
    /** Moves the first refusal back by this interval. */
    exhaustedAgo: (ago: string) =>
      database.query(
        'update quota_exhaustions set exhausted_at = exhausted_at - $2::interval where account_id = $1',
        [id, ago],
      ),
  };
}

/** The code of each answer, or its status if it has no code. */
export const codesOf = (answers: readonly Received[]): (string | number)[] =>
  answers.map(({ status, json }) => json.code ?? status);
