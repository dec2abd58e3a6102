import { randomUUID } from 'node:crypto';

import { type Call, bearerOf, headerOf } from '../http/call.js';
import { fieldsOf } from '../http/json.js';
import { type Headers, jsonReply } from '../http/reply.js';
import { isBadKey } from '../keys.js';
import { chatCompletion } from '../openai/chat-completion.js';
import { modelsBody } from '../openai/openai.wire.js';
import { readChat } from '../openai/read-chat.js';
import { refuseChat } from '../openai/refuse-chat.js';
import { type Failure, failureReply, type Wire } from '../wire.js';
import { AZURE_FAILURES, azureError, azureFailure, deploymentOf } from './azure-failures.js';

const SAFE = { filtered: false, severity: 'safe' };
const FILTERS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };

export const azureWire: Wire = {
  provider: 'azure',
  failures: AZURE_FAILURES,
  keyOf: (call) => headerOf(call, 'api-key') || bearerOf(call),
  modelOf: deploymentOf,
  refuseCaller,
  refuseBody: (call) =>
    refuseDeployment(call) ?? refuseFeature(call) ?? refuseChat(call, deploymentOf(call)),
  asked: (call) => readChat(call, deploymentOf(call)),
  completion: (call, asked, generated) =>
    chatCompletion(call, asked, generated, {
      headers: completionHeaders(call),
      top: {
        prompt_filter_results: [
          {
            prompt_index: 0,
            content_filter_results: { ...FILTERS, jailbreak: { filtered: false, detected: false } },
          },
        ],
      },
      choice: {
        content_filter_results:
          generated.stop === 'filtered'
            ? { ...FILTERS, violence: { filtered: true, severity: 'medium' } }
            : FILTERS,
      },
    }),
  models: (call) => jsonReply(200, modelsBody(call, 'azure'), { 'apim-request-id': randomUUID() }),
  failed: (call, failure) => failureReply(call, failure, { 'apim-request-id': randomUUID() }),
};

function completionHeaders(call: Call): Headers {
  return {
    'apim-request-id': randomUUID(),
    'x-request-id': randomUUID(),
    'x-ms-region': 'Sweden Central',
    'x-ms-deployment-name': deploymentOf(call),
    'x-ratelimit-limit-requests': '250',
    'x-ratelimit-limit-tokens': '250000',
    'x-ratelimit-remaining-requests': '249',
    'x-ratelimit-remaining-tokens': '249950',
  };
}

function isV1(call: Call): boolean {
  return call.path.startsWith('/openai/v1/');
}

/** The key is in `api-key`. The v1 API also accepts it as a bearer token; the dated API accepts only Entra tokens there. */
function refuseCaller(call: Call): Failure | undefined {
  const token = bearerOf(call);
  const key =
    headerOf(call, 'api-key') || (isV1(call) || token?.split('.').length === 3 ? token : undefined);
  if (key === undefined || isBadKey(key)) return azureFailure('bad-key');
  return refuseVersion(call);
}

function refuseVersion(call: Call): Failure | undefined {
  const version = call.query.get('api-version');
  if (isV1(call)) {
    return version === null || /^(?:v1|preview|latest)$/.test(version)
      ? undefined
      : badRequest('api-version query parameter is not allowed when using /v1 path');
  }
  if (version === null || !/^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(version))
    return azureFailure('wrong-path');
  return version < '2022-12-01' ? azureFailure('api-version-refused') : undefined;
}

function refuseDeployment(call: Call): Failure | undefined {
  return deploymentOf(call).includes('does-not-exist')
    ? azureFailure('model-not-found')
    : undefined;
}

/** Refuses structured output and o-series models under versions that are older than their support. */
function refuseFeature(call: Call): Failure | undefined {
  const version = call.query.get('api-version');
  if (isV1(call) || version === null) return undefined;
  if (/^o\d/.test(deploymentOf(call)) && version < '2024-12-01-preview')
    return azureFailure('model-needs-version');
  const format = fieldsOf(call.fields['response_format'])['type'];
  return format === 'json_schema' && version < '2024-08-01-preview'
    ? azureFailure('feature-needs-version')
    : undefined;
}

function badRequest(message: string): Failure {
  return { name: 'refused-parameter', status: 400, body: () => azureError('BadRequest', message) };
}
