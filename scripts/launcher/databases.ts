import { setTimeout as delay } from 'node:timers/promises';

import { Client } from 'pg';

const POLL_MS = 50;

/** Waits until the server takes connections, and makes those databases that are not there yet. */
export async function prepareDatabases(
  maintenanceUrl: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = await connected(maintenanceUrl, signal);
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    for (const name of names) {
      if (rows.some(({ datname }) => datname === name)) continue;
      await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}

async function connected(connectionString: string, signal: AbortSignal): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      // 57P03: it is still recovering. A wrong password will not get better.
      const { code } = error as { code?: string };
      if (code !== 'ECONNREFUSED' && code !== 'ECONNRESET' && code !== '57P03') throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}
