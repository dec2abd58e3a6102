import { existsSync } from 'node:fs';

import type { HomeDirectory } from './home-directory.js';
import { clearPostgresLock } from './postgres-lock.js';
import {
  choosePlace,
  initialise,
  type Place,
  POSTGRES_USER,
  postgresProgram,
  readPassword,
} from './postgres-data.js';
import type { Program } from './program.js';
import type { Surroundings } from './spawn-program.js';

/** Four apps with their pools, and BullMQ's connections where the queue is here too. */
const MAX_CONNECTIONS = 200;

/** An embedded server, ready to be started. */
export interface EmbeddedPostgres {
  readonly program: Program;
  readonly port: number;
  urlOf(database: string): string;
}

/**
 * Makes the data directory where there is none yet, and says how to run the server on it.
 * @throws LaunchFailure
 */
export async function embedPostgres(
  home: HomeDirectory,
  port: number,
  surroundings: Surroundings,
  stopping: AbortSignal,
): Promise<EmbeddedPostgres> {
  const place = choosePlace(home, surroundings);
  if (!existsSync(place.data)) await initialise(place, surroundings, stopping);
  const password = readPassword(place);
  return {
    port,
    program: serverProgram(place, port, () => clearPostgresLock(place.data, surroundings.log)),
    urlOf: (database) => `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}`,
  };
}

function serverProgram(place: Place, port: number, prepare: () => Promise<void>): Program {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: MAX_CONNECTIONS,
    // A failed statement is reported by whoever sent it; here it would be quoted, with somebody's words in it.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return {
    ...postgresProgram(place),
    args: [
      '-D',
      place.data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    prepare,
  };
}
