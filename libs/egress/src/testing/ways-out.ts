import type { ApiEgress, Egress } from '../guarded-fetch.js';

/** The ways in which an egress makes a call. All of its tests run over both. */
export const WAYS = ['fetch', 'request'] as const;

/** A fetch that makes its calls in this way. */
export function fetchBy(
  way: (typeof WAYS)[number],
  egress: Pick<ApiEgress, 'fetch' | 'request'>,
): typeof fetch {
  if (way === 'fetch') return egress.fetch;
  return async (input, init) => {
    const { status, headers, body } = await egress.request(input as string, init);
    const stream = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await body.read();
        if (done || !value) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => body.cancel(),
    });
    return new Response(stream, { status, headers });
  };
}

/** The same egress, with a fetch that makes its calls in this way. */
export function goingBy(
  way: (typeof WAYS)[number],
  egress: Egress,
): Pick<Egress, 'fetch' | 'forApi' | 'close'> {
  return {
    fetch: fetchBy(way, egress),
    forApi: (headers) => {
      const api = egress.forApi(headers);
      return { ...api, fetch: fetchBy(way, api) };
    },
    close: () => egress.close(),
  };
}
