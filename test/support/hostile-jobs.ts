import { setTimeout as delay } from 'node:timers/promises';

import type { HostileAccount } from './hostile-bench.js';

const ENDS_WITHIN_MS = 60_000;

/** The job at this address once it has ended, as the API shows it. */
// oxlint-disable-next-line typescript/no-explicit-any
export async function jobOf(account: HostileAccount, location: string): Promise<any> {
  for (const end = Date.now() + ENDS_WITHIN_MS; Date.now() < end; await delay(100)) {
    const { json } = await account.call(location);
    if (json.state !== 'queued' && json.state !== 'running') return json;
  }
  throw new Error(`The job at ${location} did not end in time.`);
}
