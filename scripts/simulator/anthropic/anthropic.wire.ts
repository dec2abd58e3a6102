import { type Call, bearerOf, headerOf } from '../http/call.js';
import { isFields } from '../http/json.js';
import { jsonReply, type Reply } from '../http/reply.js';
import { isBadKey } from '../keys.js';
import { type Failure, failureReply, type Wire } from '../wire.js';
import {
  ANTHROPIC_FAILURES,
  anthropicFailure,
  anthropicModelIn,
  anthropicRefusal,
} from './anthropic-failures.js';
import { anthropicHeaders, anthropicRateLimits, anthropicRequestId } from './anthropic-headers.js';
import { messageReply } from './message.js';
import { readMessage } from './read-message.js';
import { refuseMessage } from './refuse-message.js';

/** The SDK sends 2026-10-21 since 1.x. The answers of all versions are the same. */
const VERSIONS = new Set(['2023-01-01', '2023-06-01', '2026-10-21']);

export const anthropicWire: Wire = {
  provider: 'anthropic',
  failures: ANTHROPIC_FAILURES,
  keyOf: (call) => headerOf(call, 'x-api-key') || bearerOf(call),
  modelOf: anthropicModelIn,
  refuseCaller,
  refuseBody: (call) => refuseModel(call) ?? refuseMessage(call, anthropicModelIn(call)),
  asked: (call) => readMessage(call, anthropicModelIn(call)),
  completion: (_call, asked, generated) =>
    messageReply(asked, generated, {
      ...anthropicHeaders(anthropicRequestId()),
      ...anthropicRateLimits(479_000),
    }),
  models: (call) => jsonReply(200, modelsBody(call), anthropicHeaders(anthropicRequestId())),
  failed,
};

function refuseCaller(call: Call): Failure | undefined {
  const key = headerOf(call, 'x-api-key') || undefined;
  const token = bearerOf(call);
  if (key === undefined && token === undefined) return anthropicFailure('no-key');
  // The API refuses a request with two credentials, even if both are valid.
  if (key !== undefined && token !== undefined) return anthropicFailure('bad-key');
  if (isBadKey(key ?? token ?? '')) return anthropicFailure('bad-key');
  const version = headerOf(call, 'anthropic-version');
  if (version === undefined) return anthropicRefusal('anthropic-version: header is required');
  if (!VERSIONS.has(version))
    return anthropicRefusal(`anthropic-version: "${version}" is not a valid version`);
  return undefined;
}

function refuseModel(call: Call): Failure | undefined {
  return anthropicModelIn(call).includes('does-not-exist')
    ? anthropicFailure('model-not-found')
    : undefined;
}

/** An error has the request id in the header and in the body. */
function failed(call: Call, failure: Failure): Reply {
  const requestId = anthropicRequestId();
  const body = failure.body(call);
  const named =
    isFields(body) && body['type'] === 'error' ? { ...body, request_id: requestId } : body;
  return failureReply(call, { ...failure, body: () => named }, anthropicHeaders(requestId));
}

/** The list of models, or the model that the path names. */
function modelsBody(call: Call): object {
  const id = /\/models\/(.+)$/.exec(call.path)?.[1];
  if (id !== undefined) return modelEntry(decodeURIComponent(id));
  const data = ['claude-opus-4-7', 'claude-sonnet-4-5', 'claude-haiku-4-5-20251001'].map(
    modelEntry,
  );
  return { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id };
}

function modelEntry(id: string) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-02-04T00:00:00Z',
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: null,
    deprecated_at: null,
  };
}
