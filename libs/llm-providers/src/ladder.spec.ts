import type { ProviderName } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { stepDown } from './ladder.js';
import { LlmError, type LlmErrorCode } from './llm.error.js';
import type { OutputMode, Quirks } from './llm-provider.js';

const quirks = (
  outputMode: OutputMode,
  tokenLimit: Quirks['tokenLimit'] = 'max_tokens',
): Quirks => ({ outputMode, tokenLimit, tellsShape: false, streamUsage: true });
const refusal = (
  message: string,
  param: string | null = null,
  code: LlmErrorCode = 'llm_rejected_request',
): LlmError => new LlmError(code, message, { param });
const next = (error: LlmError, from: Quirks, provider: ProviderName = 'openai', last = false) =>
  stepDown(error, from, provider, last)?.quirks;

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
    ['tools are not supported by this model', 'tool', 'prompt'],
  ])('"%s" steps from %s to %s', (message, from, to) => {
    expect(next(refusal(message), quirks(from))).toEqual(quirks(to));
  });

  it('a gate on the api version is stepped under, though its code is another', () => {
    const gate = refusal(
      'response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later',
      null,
      'llm_endpoint_invalid',
    );
    expect(next(gate, quirks('json_schema'), 'azure')).toEqual(quirks('json_object'));
  });

  it('Anthropic goes from the schema to the tool: it has no other JSON mode', () => {
    expect(
      next(
        refusal('output_config: Extra inputs are not permitted'),
        quirks('json_schema'),
        'anthropic',
      ),
    ).toEqual(quirks('tool'));
    expect(
      next(
        refusal('tool_choice forces tool use is not compatible with this model'),
        quirks('tool'),
        'anthropic',
      ),
    ).toEqual(quirks('prompt'));
  });

  it('the last call that is left takes the mode that nobody refuses', () => {
    expect(
      next(refusal('response_format is not supported'), quirks('json_object'), 'openai', true),
    ).toEqual(quirks('prompt'));
  });

  it.each<[string, string | null, Quirks['tokenLimit'], Quirks['tokenLimit']]>([
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'max_tokens',
      'max_completion_tokens',
    ],
    [
      'body.max_completion_tokens: Extra inputs are not permitted',
      null,
      'max_completion_tokens',
      'max_tokens',
    ],
    [
      'Unrecognized request argument supplied: max_completion_tokens',
      null,
      'max_completion_tokens',
      'max_tokens',
    ],
  ])('"%s" changes the name of the limit', (message, param, from, to) => {
    expect(next(refusal(message, param), quirks('json_schema', from))).toEqual(
      quirks('json_schema', to),
    );
  });

  it.each([
    refusal(
      'max_tokens is too large: 99999. This model supports at most 4096 completion tokens.',
      'max_tokens',
    ),
    refusal('Thinking may not be enabled.'),
    refusal('response_format', null, 'llm_unavailable'),
    refusal('response_format', null, 'llm_model_invalid'),
  ])('that is about something else nothing is left out (%#)', (error) => {
    expect(next(error, quirks('json_schema'))).toBeUndefined();
  });

  it('is read in the provider’s own words, whatever a dummy key leaves of them', () => {
    const shown = new LlmError('llm_rejected_request', '[redacted] is not supported', {
      saidWords: 'response_format is not supported',
    });
    expect(next(shown, quirks('json_object'))).toEqual(quirks('tool'));
    expect(JSON.stringify([shown, shown.toFailure()])).not.toContain('response');
  });

  it('there is nothing below the prompt', () => {
    expect(next(refusal('response_format json tool'), quirks('prompt'))).toBeUndefined();
  });

  it('a model’s slip is stepped under once and not remembered', () => {
    const slip = new LlmError(
      'llm_rejected_request',
      'Failed to generate. Please adjust your prompt.',
      {
        provider: {
          name: 'openai',
          model: 'm',
          status: 400,
          type: null,
          code: 'json_validate_failed',
          requestId: null,
        },
      },
    );
    expect(stepDown(slip, quirks('json_schema'), 'openai', false)).toEqual({
      quirks: quirks('json_object'),
      lasting: false,
    });
  });
});
