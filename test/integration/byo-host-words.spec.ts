import { afterEach, describe, expect, it } from 'vitest';

import { eventsReply, jsonReply, type Reply, textReply } from '../../scripts/simulator/index.js';
import { type Shape, startByo } from '../support/byo.js';
import { body } from '../support/host-answers.js';
import { perFile } from '../support/per-file.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon.' }];

let cases = 0;
const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

/** A write to a host without learned habits, and the number of calls that the host got. */
async function write(reply: Reply, shape: Shape = 'openai') {
  cases += 1;
  byo.providers.script({ times: 9, reply: () => reply });
  const llm = byo.llm(shape, `m-${cases}`);
  const { status, json } = await byo.call('/agent/memories', { body: { messages: MESSAGES, llm } });
  return { status, json, calls: byo.providers.calls.length };
}

const error = (status: number, message: string, code: string | null = null): Reply =>
  jsonReply(status, { error: { message, type: null, param: null, code } });

/** Each is reported after one call, in the host's own words, with a code that shows whether a retry helps. */
const FAILURES: Readonly<Record<string, readonly [Reply, number, string, string]>> = {
  'an empty balance under 500': [
    error(500, 'insufficient balance (1008)'),
    429,
    'llm_quota_exhausted',
    '1008',
  ],
  'an empty balance under 403': [
    error(403, '用户额度不足', 'insufficient_user_quota'),
    429,
    'llm_quota_exhausted',
    '额度不足',
  ],
  'a used up budget under 400': [
    error(400, 'ExceededBudget: over budget.'),
    429,
    'llm_quota_exhausted',
    'over budget',
  ],
  'a rate limit per minute that Google calls a quota': [
    error(429, 'You exceeded your current quota. Please retry in 37s.'),
    429,
    'llm_rate_limited',
    '37s',
  ],
  'a rate limit under 400': [
    jsonReply(400, { code: 'Throttling.RateQuota', message: 'Too fast.' }),
    429,
    'llm_rate_limited',
    'Too fast',
  ],
  'filtered content under 400': [
    error(400, 'Content Exists Risk'),
    422,
    'llm_content_filtered',
    'Risk',
  ],
  'filtered content under 200': [
    jsonReply(200, { base_resp: { status_code: 1_026, status_msg: 'input new_sensitive' } }),
    422,
    'llm_content_filtered',
    'new_sensitive',
  ],
  'an unknown model under 400': [
    error(400, 'The model `x` does not exist.'),
    422,
    'llm_model_invalid',
    'does not exist',
  ],
  'an unknown model in Chinese': [
    error(400, '模型不存在，请检查模型代码。', '1211'),
    422,
    'llm_model_invalid',
    '模型不存在',
  ],
  'a prompt that is too long': [
    error(
      400,
      'The input token count (120000) exceeds the maximum number of tokens allowed (32000).',
    ),
    422,
    'llm_context_length_exceeded',
    '120000',
  ],
  'a body that is too long for a proxy': [
    textReply(413, '<html>Too large</html>', { 'content-type': 'text/html' }),
    422,
    'llm_context_length_exceeded',
    'too long',
  ],
  'a refused key under 200': [
    jsonReply(200, { detail: 'Not authenticated' }),
    401,
    'llm_auth_failed',
    'Not authenticated',
  ],
  'a refused key in a proxy’s words': [
    error(400, 'Authentication Error, Invalid proxy server token passed.'),
    401,
    'llm_auth_failed',
    'proxy server token',
  ],
  'a refused signature in an envelope': [
    jsonReply(200, {
      Response: { Error: { Code: 'AuthFailure', Message: 'The signature is invalid' } },
    }),
    401,
    'llm_auth_failed',
    'signature',
  ],
  'a wrong path under 200': [
    jsonReply(200, { error: 'Unexpected endpoint or method. (POST /chat)' }),
    422,
    'llm_endpoint_invalid',
    'Unexpected endpoint',
  ],
  'a wrong path with a message': [
    jsonReply(200, { message: 'no Route matched with those values' }),
    422,
    'llm_endpoint_invalid',
    'no Route matched',
  ],
  'a wrong path to GraphQL': [
    jsonReply(200, { errors: [{ message: 'Must provide query string.' }] }),
    422,
    'llm_endpoint_invalid',
    'query string',
  ],
  'a wrong path that answers with a stream': [
    body('{"message":{"content":"Hi"},"done":false}\n{"message":{"content":""},"done":true}'),
    422,
    'llm_endpoint_invalid',
    'Check base_url',
  ],
  'a failure of the host under 400': [
    error(400, 'CUDA out of memory'),
    503,
    'llm_unavailable',
    'CUDA',
  ],
  'a failure of the host under 424': [
    error(424, 'The generation failed.'),
    503,
    'llm_unavailable',
    'generation failed',
  ],
  'a refusal in XML': [
    textReply(400, '<?xml version="1.0"?><Error><Message>Odd thing.</Message></Error>', {
      'content-type': 'application/xml',
    }),
    422,
    'llm_rejected_request',
    'Odd thing.',
  ],
  'a failure in an event named `error`': [
    body(
      'event: error\ndata: {"message":"The engine died."}\n\ndata: [DONE]\n\n',
      'text/event-stream',
    ),
    503,
    'llm_unavailable',
    'engine died',
  ],
  'a failure in a line `error:` of the stream': [
    body(
      'data: {"choices":[{"delta":{"content":"{"}}]}\n\nerror: {"message":"The engine died."}\n\n',
      'text/event-stream',
    ),
    503,
    'llm_unavailable',
    'engine died',
  ],
};

describe('a write reports after one call', () => {
  it.each(Object.entries(FAILURES))('%s', async (_title, [reply, status, code, words]) => {
    const written = await write(reply);
    expect(written).toMatchObject({ status, calls: 1, json: { code } });
    expect(written.json.detail).toContain(words);
  });

  it('answers a write from a host that sends Chat Completions events where Messages are expected', async () => {
    const chunks = eventsReply([{ data: { choices: [{ delta: { content: 'Hi' } }] } }]);
    await expect(write(chunks, 'anthropic')).resolves.toMatchObject({
      calls: 1,
      json: { code: 'llm_endpoint_invalid' },
    });
  });
});
