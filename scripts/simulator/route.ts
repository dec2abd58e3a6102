import { anthropicWire } from './anthropic/anthropic.wire.js';
import { azureWire } from './azure/azure.wire.js';
import { COMPAT_WIRES } from './compat/compat.wire.js';
import type { Call } from './http/call.js';
import { openaiWire } from './openai/openai.wire.js';
import type { Route } from './wire.js';

const CHAT = /^\/chat\/completions$/;
const EMBEDDINGS = /^\/embeddings$/;
const MODELS = /^\/models(?:\/.+)?$/;

/** The provider of a path and the kind of the call; undefined if no provider has such a path. */
export function routeOf(call: Call): Route | undefined {
  const { path } = call;
  const compat = /^\/compat\/([a-z]+)\/v1(\/.*)$/.exec(path);
  if (compat !== null) {
    const wire = COMPAT_WIRES.get(compat[1] ?? '');
    return wire && at(call, wire, compat[2] ?? '');
  }
  if (path.startsWith('/openai/')) {
    const inside = /^\/openai(?:\/v1|\/deployments\/[^/]+)?(\/.*)$/.exec(path)?.[1] ?? '';
    // A path of the dated API names a deployment, and a path of the v1 API begins with /openai/v1.
    if (path === '/openai/chat/completions') return undefined;
    return at(call, azureWire, inside);
  }
  if (path === '/v1/messages')
    return call.method === 'POST' ? { wire: anthropicWire, kind: 'completion' } : undefined;
  if (!path.startsWith('/v1/')) return undefined;
  const inside = path.slice(3);
  const anthropic =
    call.headers['anthropic-version'] !== undefined || call.headers['x-api-key'] !== undefined;
  return at(call, anthropic && MODELS.test(inside) ? anthropicWire : openaiWire, inside);
}

function at(call: Call, wire: Route['wire'], inside: string): Route | undefined {
  if (call.method === 'POST' && CHAT.test(inside)) return { wire, kind: 'completion' };
  if (call.method === 'POST' && EMBEDDINGS.test(inside) && wire.embeddings !== undefined)
    return { wire, kind: 'embeddings' };
  return call.method === 'GET' && MODELS.test(inside) ? { wire, kind: 'models' } : undefined;
}
