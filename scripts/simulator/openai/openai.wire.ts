import { type Call, bearerOf } from '../http/call.js';
import { jsonReply } from '../http/reply.js';
import { isBadKey } from '../keys.js';
import { failureReply, type Failure, type Wire } from '../wire.js';
import { chatCompletion } from './chat-completion.js';
import { embeddingsBody } from './embeddings.js';
import { modelIn, OPENAI_FAILURES, openaiFailure } from './openai-failures.js';
import { OPENAI_RATE_LIMITS, openaiHeaders } from './openai-headers.js';
import { readChat } from './read-chat.js';
import { refuseChat } from './refuse-chat.js';

export const openaiWire: Wire = {
  provider: 'openai',
  failures: OPENAI_FAILURES,
  keyOf: bearerOf,
  modelOf: modelIn,
  refuseCaller,
  refuseBody: (call) => refuseModel(call) ?? refuseChat(call, modelIn(call)),
  asked: (call) => readChat(call, modelIn(call)),
  completion: (call, asked, generated) =>
    chatCompletion(call, asked, generated, {
      headers: { ...openaiHeaders(), ...OPENAI_RATE_LIMITS },
    }),
  models: (call) => jsonReply(200, modelsBody(call, 'openai'), openaiHeaders()),
  embeddings: (call) => jsonReply(200, embeddingsBody(call, modelIn(call)), openaiHeaders()),
  failed: (call, failure) => failureReply(call, failure, openaiHeaders()),
};

function refuseCaller(call: Call): Failure | undefined {
  const key = bearerOf(call);
  if (key === undefined) return openaiFailure('no-key');
  return isBadKey(key) ? openaiFailure('bad-key') : undefined;
}

function refuseModel(call: Call): Failure | undefined {
  return modelIn(call).includes('does-not-exist') ? openaiFailure('model-not-found') : undefined;
}

/** The list of models, or the model that the path names. */
export function modelsBody(call: Call, owner: string): object {
  const entry = (id: string) => ({ id, object: 'model', created: 1_715_367_049, owned_by: owner });
  const id = /\/models\/(.+)$/.exec(call.path)?.[1];
  return id === undefined
    ? { object: 'list', data: ['gpt-4.1', 'gpt-4o-mini', 'gpt-5', 'o3-mini'].map(entry) }
    : entry(decodeURIComponent(id));
}
