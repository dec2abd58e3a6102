import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';

import { systemFor } from '../describe-shape.js';
import type { CompletionRequest, JsonShape, OutputMode, Quirks } from '../llm-provider.js';

/**
 * Our prompt as a Chat Completions body: the surface that restricted keys and compatible servers have, unlike Responses.
 * No sampling parameters: reasoning models refuse them.
 */
export function toChatRequest(
  { system, turns, shape, maxOutputTokens }: CompletionRequest,
  model: string,
  quirks: Quirks,
): ChatCompletionCreateParams {
  const instructions = systemFor(system, shape, quirks);
  return {
    model,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
      ...turns.map(({ role, content }) => ({ role, content })),
    ],
    [quirks.tokenLimit]: maxOutputTokens,
    ...(shape && OUTPUT[quirks.outputMode](shape)),
  };
}

/** The tool is not forced: several servers refuse `tool_choice` in every form but `auto`. The system prompt asks for it. */
const OUTPUT: Readonly<
  Record<OutputMode, (shape: JsonShape) => Partial<ChatCompletionCreateParams>>
> = {
  json_schema: ({ name, schema }) => ({
    response_format: { type: 'json_schema', json_schema: { name, schema, strict: true } },
  }),
  json_object: () => ({ response_format: { type: 'json_object' } }),
  tool: ({ name, schema }) => ({
    tools: [{ type: 'function', function: { name, parameters: schema } }],
    tool_choice: 'auto',
  }),
  prompt: () => ({}),
};
