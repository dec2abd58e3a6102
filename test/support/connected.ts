import { Database } from '@app/persistence';

import { freshDatabase } from './databases.js';

export interface ConnectedDatabase {
  readonly url: string;
  readonly database: Database;
  close: () => Promise<void>;
}

/** A fresh database and a pool on it, for tests of the stores. */
export async function connectedDatabase({ poolSize = 8 } = {}): Promise<ConnectedDatabase> {
  const fresh = await freshDatabase();
  const database = await Database.connect({ url: fresh.url, poolSize });
  return {
    url: fresh.url,
    database,
    close: async () => {
      await database.close();
      await fresh.drop();
    },
  };
}
