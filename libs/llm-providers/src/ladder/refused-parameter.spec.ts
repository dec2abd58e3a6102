import { describe, expect, it } from 'vitest';

import { stepDown } from './ladder.js';
import { LlmError } from '../errors/llm.error.js';
import type { Quirks } from '../llm-provider.js';
import { readFailure } from '../errors/provider-failure.js';
import { QUIRKS, type RefusedAt, refusedCall } from '../testing/provider-bench.js';
import { statedFailureError } from '../errors/to-llm-error.js';
import { CallerKey } from '@app/caller-keys';
import { openaiDefinition } from '../openai/openai.definition.js';

const changeAfter = (
  message: string,
  over: RefusedAt = {},
  status = 400,
): Partial<Quirks> | undefined => {
  const error = new LlmError(status < 500 ? 'llm_rejected_request' : 'llm_unavailable', message, {
    provider: { name: 'openai', model: 'm', status, type: null, code: null, requestId: null },
  });
  return stepDown(error, refusedCall(over))?.change;
};
const anthropic = { provider: 'anthropic', model: 'm' } as const;

describe('after a refusal of their role, the instructions move', () => {
  it.each([
    [400, 'System role not supported'],
    [500, 'jinja2.exceptions.TemplateError: System role not supported'],
    [400, 'Conversation roles must alternate user/assistant/user/assistant/...'],
    [500, 'Jinja Exception: Conversation roles must alternate'],
    [400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."],
    [400, 'Developer instruction is not enabled for models/gemma-3-27b-it'],
    [400, 'This model only supports user and assistant roles'],
    [422, "body.messages.0.role: Input should be 'user' or 'assistant'"],
    [400, "'system' is not one of ['user', 'assistant'] - 'messages.0.role'"],
    [400, 'Unexpected role system in messages'],
    [400, 'invalid message role: system'],
    [400, '该模型不支持 system 角色'],
    [400, 'First message must be from user'],
    [400, 'Failed to apply chat template to messages due to error: TypeError'],
    [400, 'the system prompt is not supported'],
    [400, 'Message role must be either "user" or "assistant"'],
    [400, 'messages must begin with a user turn'],
  ])('to the first user turn after %i "%s"', (status, message) => {
    expect(changeAfter(message, {}, status)).toEqual({ instructionRole: 'user' });
  });

  it('to the first user turn at a host without a `system` field', () => {
    expect(changeAfter('system: Extra inputs are not permitted', { target: anthropic })).toEqual({
      instructionRole: 'user',
    });
  });

  it.each([
    "'system' is not supported with this model. Use 'developer' instead.",
    "messages[0].role: the system role is not supported, try 'developer'",
  ])('to a developer turn after "%s"', (message) => {
    expect(changeAfter(message)).toEqual({ instructionRole: 'developer' });
  });

  it('from the developer turn to the first user turn', () => {
    expect(
      changeAfter("Unsupported value: 'messages[0].role' does not support 'developer'", {
        quirks: { ...QUIRKS, instructionRole: 'developer' },
      }),
    ).toEqual({ instructionRole: 'user' });
  });

  it('but not from the first user turn', () => {
    const quirks = { ...QUIRKS, instructionRole: 'user' } as const;
    expect(changeAfter('System role not supported', { quirks })).toBeUndefined();
  });
});

describe('a refused parameter is left out', () => {
  const text = { shaped: false, streamed: true };
  const tool = { quirks: { ...QUIRKS, outputMode: 'tool', parallelTools: 'off' } } as const;
  const forced = {
    target: anthropic,
    quirks: { ...QUIRKS, outputMode: 'tool', toolChoice: 'forced' },
  } as const;

  it.each<[string, Partial<RefusedAt>, Partial<Quirks>]>([
    ['Unrecognized request argument supplied: stream_options', text, { streamUsage: false }],
    ['body.stream_options: Extra inputs are not permitted', text, { streamUsage: false }],
    ['Unknown field: include_usage', text, { streamUsage: false }],
    ['Streaming is not supported', text, { streams: false, streamUsage: false }],
    ['body.stream: Extra inputs are not permitted', text, { streams: false, streamUsage: false }],
    ['SSE is not supported', text, { streams: false, streamUsage: false }],
    ['stream must be false', text, { streams: false, streamUsage: false }],
    ['This model only support stream mode, please enable stream', {}, { mustStream: true }],
    ['enable_thinking must be false for non-streaming calls', {}, { mustStream: true }],
    ['Streaming is required for operations that may take long', {}, { mustStream: true }],
    [
      'stream_options is not allowed',
      { quirks: { ...QUIRKS, mustStream: true } },
      { streamUsage: false },
    ],
    [
      "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
      tool,
      { parallelTools: 'unset' },
    ],
    ['tool_choice is not supported', tool, { toolChoice: 'unset' }],
    [
      'Thinking may not be enabled when tool_choice forces tool use.',
      forced,
      { toolChoice: 'auto' },
    ],
    [
      'tool_choice forces tool use is not compatible with this model',
      forced,
      { toolChoice: 'auto' },
    ],
    ['tool_choice: Extra inputs are not permitted', forced, { toolChoice: 'unset' }],
    ["Unknown parameter: 'response_format.json_schema.strict'.", {}, { strictSchema: false }],
    ['strict: Extra inputs are not permitted', {}, { strictSchema: false }],
  ])('after "%s"', (message, over, change) => {
    expect(changeAfter(message, over)).toEqual(change);
  });

  it.each<[string, Quirks['tokenLimit'], Quirks['tokenLimit']]>([
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'max_completion_tokens',
    ],
    [
      'body.max_completion_tokens: Extra inputs are not permitted',
      'max_completion_tokens',
      'max_tokens',
    ],
    [
      'Unrecognized request argument supplied: max_completion_tokens',
      'max_completion_tokens',
      'max_tokens',
    ],
  ])('"%s" changes the name of the limit', (message, from, to) => {
    const quirks = { ...QUIRKS, tokenLimit: from };
    expect(changeAfter(message, { quirks })).toEqual({ tokenLimit: to });
  });
});

/** Bodies in which hosts name the parameter that they refuse. */
const BODIES: readonly [string, unknown][] = [
  ['in the message', { error: { message: 'Unknown parameter: stream_options' } }],
  ['as the param, without a word', { error: { message: '', param: 'stream_options' } }],
  ['in a list of errors', { errors: [{ message: 'bad', param: 'stream_options' }] }],
  ['as a key of errors', { errors: { stream_options: ['is not allowed'] } }],
  ['in a list of one', [{ error: { code: 400, message: 'Unknown name "stream_options"' } }]],
  [
    'by FastAPI',
    {
      detail: [
        {
          type: 'extra_forbidden',
          loc: ['body', 'stream_options'],
          msg: 'Extra inputs are not permitted',
          input: { include_usage: true },
        },
      ],
    },
  ],
  ['in error.error', { error: { error: { msg: 'stream_options is not supported' } } }],
  ['as JSON in a text', { error: '{"message":"stream_options is not supported"}' }],
  ['in words of a problem', { title: 'Bad Request', detail: 'stream_options is unknown' }],
  ['by a pointer', { errors: [{ source: { pointer: '/stream_options' }, title: 'Unknown' }] }],
  [
    'by OpenRouter’s host',
    {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: '{"error":{"message":"unknown field stream_options"}}' },
      },
    },
  ],
  [
    'beside other words',
    { message: 'The given data was invalid.', errors: { stream_options: ['unknown field'] } },
  ],
];

describe('a refused parameter is recognised', () => {
  const target = {
    provider: 'openai',
    model: 'm',
    key: new CallerKey('sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5'),
  } as const;

  it.each(
    BODIES.flatMap(([title, body]) =>
      [400, 422, 500, 501].map((status) => [title, status, body] as const),
    ),
  )('%s, with status %i', (_title, status, body) => {
    const error = statedFailureError(readFailure(body, status, new Headers()), {
      target,
      failures: openaiDefinition.failures,
    });
    const step = stepDown(error, refusedCall({ shaped: false, streamed: true }));
    expect(step?.change).toEqual({ streamUsage: false });
  });

  it('but not in a copy of the request', () => {
    const body = { error: 'The temperature is wrong', request: { stream_options: {} } };
    const error = statedFailureError(readFailure(body, 400, new Headers()), {
      target,
      failures: openaiDefinition.failures,
    });
    expect(stepDown(error, refusedCall({ shaped: false, streamed: true }))).toBeUndefined();
  });
});
