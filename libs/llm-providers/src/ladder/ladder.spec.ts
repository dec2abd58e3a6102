import type { ProviderName } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { isSilentBreakdown, stepDown } from './ladder.js';
import { LlmError, type LlmErrorCode } from '../errors/llm.error.js';
import type { OutputMode, Quirks } from '../llm-provider.js';
import { QUIRKS, refusedCall } from '../testing/provider-bench.js';

const quirks = (
  outputMode: OutputMode,
  tokenLimit: Quirks['tokenLimit'] = 'max_tokens',
): Quirks => ({ ...QUIRKS, outputMode, tokenLimit });
const refusal = (
  message: string,
  param: string | null = null,
  code: LlmErrorCode = 'llm_rejected_request',
): LlmError => new LlmError(code, message, { param });
const failure = (status: number, message: string, code: string | null = null): LlmError =>
  new LlmError(status < 500 ? 'llm_rejected_request' : 'llm_unavailable', message || 'x', {
    unscrubbedText: message,
    provider: { name: 'openai', model: 'm', status, type: null, code, requestId: null },
  });
const next = (
  error: LlmError,
  from: Quirks,
  provider: ProviderName = 'openai',
  isLast = false,
): Quirks | undefined => {
  const step = stepDown(
    error,
    refusedCall({ quirks: from, target: { provider, model: 'm' }, isLast }),
  );
  return step && { ...from, ...step.change };
};

describe('after a refusal', () => {
  it.each<[string, OutputMode, OutputMode]>([
    [
      "'response_format.type' : value is not one of the allowed values ['text','json_object']",
      'json_schema',
      'json_object',
    ],
    ['This response_format type is unavailable now', 'json_schema', 'json_object'],
    [
      "Invalid schema for response_format 'X': 'additionalProperties' is required to be supplied and to be false.",
      'json_schema',
      'json_object',
    ],
    [
      'response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later',
      'json_schema',
      'json_object',
    ],
    ['Unrecognized request argument supplied: response_format', 'json_schema', 'tool'],
    ['response_format: Extra inputs are not permitted', 'json_schema', 'tool'],
    ['response_format is not supported', 'json_object', 'tool'],
    ['response_format is not supported', 'json_schema', 'tool'],
    ["'response_format' of type json_schema is not supported", 'json_schema', 'json_object'],
    ['tools are not supported by this model', 'tool', 'prompt'],
    [
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      'tool',
      'prompt',
    ],
    ['No endpoints found that can handle the requested parameters.', 'json_schema', 'json_object'],
  ])('"%s" steps from %s to %s', (message, from, to) => {
    expect(next(refusal(message), quirks(from))).toEqual(quirks(to));
  });

  it.each<[number, string, OutputMode, OutputMode]>([
    [500, 'Failed to parse grammar', 'json_schema', 'json_object'],
    [500, 'failed to load model vocabulary required for format', 'json_schema', 'json_object'],
    [500, 'xgrammar: the schema is not supported by guided decoding', 'json_schema', 'json_object'],
    [501, 'response_format is not implemented', 'json_object', 'tool'],
    [500, 'Error rendering prompt: tool calls are not in the template', 'tool', 'prompt'],
    [502, 'upstream says: response_format is not supported', 'json_schema', 'tool'],
  ])('of status %i that says "%s" the mode steps from %s to %s', (status, message, from, to) => {
    expect(next(failure(status, message), quirks(from))).toEqual(quirks(to));
  });

  it.each([
    [503, 'The schema service is overloaded, try again later'],
    [500, 'The server had an error while processing your request. Sorry about that!'],
    [529, 'Overloaded'],
    [502, 'upstream connect error'],
  ])('of status %i that says "%s" nothing is left out', (status, message) => {
    expect(next(failure(status, message), quirks('json_schema'))).toBeUndefined();
  });

  it('because of the api version, the mode is lowered, although the error has another code', () => {
    const gate = refusal(
      'response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later',
      null,
      'llm_endpoint_invalid',
    );
    expect(next(gate, quirks('json_schema'), 'azure')).toEqual(quirks('json_object'));
  });

  it('Anthropic goes from the schema to the tool, because it has no other JSON mode', () => {
    expect(
      next(
        refusal('output_config: Extra inputs are not permitted'),
        quirks('json_schema'),
        'anthropic',
      ),
    ).toEqual(quirks('tool'));
  });

  it('the last call is as plain as possible, and only the refused feature is learned', () => {
    const step = stepDown(
      refusal('response_format is not supported'),
      refusedCall({ quirks: quirks('json_object'), isLast: true }),
    );
    expect(step?.change).toMatchObject({
      outputMode: 'prompt',
      instructionRole: 'user',
      streamUsage: false,
    });
    expect(step?.learned).toEqual({ outputMode: 'tool' });
  });

  it.each([
    refusal('Thinking may not be enabled.'),
    refusal('response_format', null, 'llm_unavailable'),
    refusal('response_format', null, 'llm_model_invalid'),
    refusal('The model `json-schema-7b` does not exist', null, 'llm_model_invalid'),
    refusal('system error: not available'),
  ])('that is about something else, nothing is left out (%#)', (error) => {
    expect(next(error, quirks('json_schema'))).toBeUndefined();
  });

  it('the unscrubbed text decides the step, because a dummy key may be part of its words', () => {
    const shown = new LlmError('llm_rejected_request', '[redacted] is not supported', {
      unscrubbedText: 'response_format is not supported',
    });
    expect(next(shown, quirks('json_object'))).toEqual(quirks('tool'));
    expect(JSON.stringify([shown, shown.toFailure()])).not.toContain('response');
  });

  it('in the prompt mode, no further mode is tried', () => {
    expect(next(refusal('response_format json tool'), quirks('prompt'))).toBeUndefined();
  });

  it('the same call is not made twice', () => {
    const flipped = quirks('prompt', 'max_completion_tokens');
    const error = refusal('Unrecognized request argument supplied: max_completion_tokens');
    const call = refusedCall({ quirks: flipped });
    expect(stepDown(error, call, (tried) => tried.tokenLimit === 'max_tokens')).toBeUndefined();
  });

  it('a single failed generation lowers the mode once and is not learned', () => {
    const slip = failure(
      400,
      'Failed to generate. Please adjust your prompt.',
      'json_validate_failed',
    );
    expect(stepDown(slip, refusedCall({ quirks: quirks('json_schema') }))).toEqual({
      change: { outputMode: 'json_object' },
      learned: {},
    });
  });
});

describe('a failure that states no reason', () => {
  it.each([
    [500, '', true],
    [500, 'Internal Server Error', true],
    [500, 'InternalServerError 500 Internal server error', true],
    [501, 'Not Implemented', true],
    [500, 'An unexpected error occurred.', true],
    [500, 'EngineCore encountered an issue. See stack trace (above) for the root cause.', true],
    [500, '<page>', false],
    [500, 'CUDA out of memory', false],
    [502, '', false],
    [503, '', false],
    [529, '', false],
    [400, '', false],
  ])('%i "%s" may be about the request: %s', (status, words, expected) => {
    expect(isSilentBreakdown(failure(status, words))).toBe(expected);
  });
});
