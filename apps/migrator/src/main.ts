import 'reflect-metadata';

import { postgresSettings, readEnv } from '@app/config';
import { applyMigrations } from '@app/persistence';
import { z } from 'zod';

const settingsSchema = z.object({ DATABASE_URL: postgresSettings.DATABASE_URL });

/** Applies the migrations that are missing and prints one line for each. The exit code is 0 when the schema is current. */
async function migrate(): Promise<void> {
  const { DATABASE_URL } = readEnv(settingsSchema);
  const applied = await applyMigrations(DATABASE_URL);
  for (const name of applied) process.stdout.write(`applied ${name}\n`);
  if (applied.length === 0) process.stdout.write('the schema is up to date\n');
}

try {
  await migrate();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
