import type { LoadRequest } from './load.js';
import type { Side } from './sides.js';

let counter = 0;

/** A conversation in which the simulator finds three facts. No two conversations have the same facts. */
export function newConversation(): { readonly tenant_id: string; readonly messages: object[] } {
  counter += 1;
  const content = [
    `I moved to house ${counter} in Lisbon last month and started as a pastry chef in bakery ${counter}.`,
    `My dog ${counter} is called Rex and likes the park by the river.`,
    `I am allergic to hazelnuts of kind ${counter}, so no cake with them.`,
  ].join(' ');
  return { tenant_id: `tenant-${counter % 100}`, messages: [{ role: 'user', content }] };
}

/** An asynchronous write: the server may answer once the write is durable. */
export function newWrite({ headers }: Pick<Side, 'headers'>, llm?: object): LoadRequest {
  return {
    path: '/agent/memories',
    headers: { ...headers, 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ ...newConversation(), ...(llm && { llm }) }),
    status: 202,
  };
}
