import { looksLikeApiKey } from '@app/accounts';

import { z } from 'zod';

import type { HomeDirectory } from './home-directory.js';
import { LaunchFailure } from './launch-failure.js';

/** The file that keeps the key between runs, readable by its owner only. The demo reads it too. */
export const DEMO_KEY_FILE = 'demo-api-key';
const TIMEOUT_MS = 30_000;
const createdSchema = z.object({ api_key: z.string().refine(looksLikeApiKey) });

/** @returns an API key that works: the one of an earlier run, or that of a new account. */
export async function demoApiKey(
  home: HomeDirectory,
  url: string,
  adminToken: string,
  stopping: AbortSignal,
): Promise<string> {
  const kept = home.read(DEMO_KEY_FILE);
  if (kept !== undefined && (await isKnown(url, kept, stopping))) return kept;
  const make = (account: object): Promise<Response> =>
    call(`${url}/admin/accounts`, adminToken, {
      method: 'POST',
      signal: stopping,
      body: JSON.stringify({ name: 'Demo', ...account }),
    });
  let answer = await make({ plan_tier: 'unlimited' });
  // PLANS may define no tier of that name.
  if (answer.status === 400) answer = await make({});
  const created = createdSchema.safeParse(await answer.json().catch(() => undefined));
  if (!created.success) {
    throw new LaunchFailure(
      `The demo account could not be made: /admin answered ${answer.status}.`,
    );
  }
  home.keepSecret(DEMO_KEY_FILE, created.data.api_key);
  return created.data.api_key;
}

/** A key of an earlier run is unknown when the database was deleted or replaced since then. */
async function isKnown(url: string, apiKey: string, signal: AbortSignal): Promise<boolean> {
  const answer = await call(`${url}/agent/memories?limit=1`, apiKey, { signal });
  await answer.body?.cancel();
  return answer.ok;
}

async function call(
  url: string,
  token: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  return fetch(url, {
    ...init,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    signal: AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
}
