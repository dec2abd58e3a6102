import { Pool } from 'undici';

/** A client with one connection, which sends one call after the other. */
export interface Caller {
  /** The milliseconds until the whole answer is there. */
  timed(path: string, body?: object): Promise<number>;
  /** The milliseconds until the answer contains this text. The rest of the answer is read too. */
  timedUntil(path: string, body: object, text: string): Promise<number>;
  /** The answer as JSON. */
  json(path: string, body?: object): Promise<unknown>;
  close(): Promise<void>;
}

export function callerOf(url: string, headers: Readonly<Record<string, string>>): Caller {
  const pool = new Pool(url, { connections: 1, pipelining: 1 });
  const send = async (path: string, body?: object, accept = 'application/json') => {
    const response = await pool.request({
      method: body === undefined ? 'GET' : 'POST',
      path,
      headers: { ...headers, accept, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.statusCode === 200) return response.body;
    throw new Error(`${path} answered ${response.statusCode}: ${await response.body.text()}`);
  };
  return {
    timed: async (path, body) => {
      const begun = performance.now();
      await (await send(path, body)).text();
      return performance.now() - begun;
    },
    timedUntil: async (path, body, text) => {
      const begun = performance.now();
      let found: number | undefined;
      let received = '';
      for await (const chunk of await send(path, body, 'text/event-stream')) {
        received += String(chunk);
        if (received.includes(text)) found ??= performance.now() - begun;
      }
      if (found === undefined) throw new Error(`${path} never sent ${text}: ${received}`);
      return found;
    },
    json: async (path, body) => (await send(path, body)).json(),
    close: () => pool.close(),
  };
}
