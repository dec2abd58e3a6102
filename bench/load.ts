import { Pool } from 'undici';

/** A request that always gets the same status, so that a refusal never counts as fast. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
}

export interface LoadClient {
  /** Sends requests on all connections, each after the answer to the one before, until `isOver`. Returns their number. */
  run(next: () => LoadRequest, isOver: (sent: number) => boolean): Promise<number>;
  close(): Promise<void>;
}

/** Keeps as many connections to one server as given, with one request in flight on each of them. */
export function loadClient(url: string, connections: number): LoadClient {
  const pool = new Pool(url, { connections, pipelining: 1 });
  return {
    run: async (next, isOver) => {
      let sent = 0;
      const lane = async (): Promise<void> => {
        while (!isOver(sent)) {
          sent += 1;
          await send(pool, next());
        }
      };
      await Promise.all(Array.from({ length: connections }, lane));
      return sent;
    },
    close: () => pool.close(),
  };
}

async function send(pool: Pool, { path, headers, body, status }: LoadRequest): Promise<void> {
  const response = await pool.request({ method: 'POST', path, headers, body });
  if (response.statusCode === status) return response.body.dump();
  throw new Error(`${path} answered ${response.statusCode}: ${await response.body.text()}`);
}
