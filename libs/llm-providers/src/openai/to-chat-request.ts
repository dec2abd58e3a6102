import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';

import type { CompletionRequest, JsonShape, OutputMode, Quirks } from '../llm-provider.js';
import { placeInstructions, systemFor } from '../place-prompt.js';

/**
 * Our prompt as a Chat Completions body: restricted keys and compatible servers support this API, but not Responses.
 * No sampling parameters: reasoning models refuse them.
 */
export function toChatRequest(
  { system, turns, shape, maxOutputTokens }: CompletionRequest,
  model: string,
  quirks: Quirks,
): ChatCompletionCreateParams {
  const placed = placeInstructions(systemFor(system, shape, quirks), turns, quirks);
  const role =
    quirks.instructionRole === 'developer' ? ('developer' as const) : ('system' as const);
  return {
    model,
    messages: [
      ...(placed.instructions === '' ? [] : [{ role, content: placed.instructions }]),
      ...placed.turns.map((turn) => ({ role: turn.role, content: turn.content })),
    ],
    [quirks.tokenLimit]: maxOutputTokens,
    ...(shape && OUTPUT[quirks.outputMode](shape, quirks)),
  };
}

const OUTPUT: Readonly<
  Record<OutputMode, (shape: JsonShape, quirks: Quirks) => Partial<ChatCompletionCreateParams>>
> = {
  json_schema: ({ name, schema }, { strictSchema }) => ({
    response_format: {
      type: 'json_schema',
      json_schema: { name, schema, ...(strictSchema && { strict: true }) },
    },
  }),
  json_object: () => ({ response_format: { type: 'json_object' } }),
  tool: ({ name, schema }, { toolChoice, parallelTools }) => ({
    tools: [{ type: 'function', function: { name, parameters: schema } }],
    ...(toolChoice === 'forced' && {
      tool_choice: { type: 'function' as const, function: { name } },
    }),
    ...(toolChoice === 'auto' && { tool_choice: 'auto' as const }),
    ...(parallelTools === 'off' && { parallel_tool_calls: false }),
  }),
  prompt: () => ({}),
};
