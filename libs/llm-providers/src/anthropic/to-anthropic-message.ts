import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';

import { systemFor } from '../describe-shape.js';
import type { CompletionRequest, JsonShape, OutputMode, Quirks } from '../llm-provider.js';

/** Our prompt as a Messages body. No sampling parameters: Opus 4.7 and later refuse them. */
export function toAnthropicMessage(
  { system, turns, shape, maxOutputTokens }: CompletionRequest,
  model: string,
  quirks: Quirks,
): MessageCreateParamsBase {
  const instructions = systemFor(system, shape, quirks);
  return {
    model,
    max_tokens: maxOutputTokens,
    ...(instructions !== '' && { system: instructions }),
    messages: turns.map(({ role, content }) => ({ role, content })),
    ...(shape && OUTPUT[quirks.outputMode](shape)),
  };
}

/** There is no mode for JSON without a schema here: `json_object` is the prompt alone. */
const OUTPUT: Readonly<Record<OutputMode, (shape: JsonShape) => Partial<MessageCreateParamsBase>>> =
  {
    json_schema: ({ schema }) => ({ output_config: { format: { type: 'json_schema', schema } } }),
    json_object: () => ({}),
    tool: ({ name, schema }) => ({
      tools: [{ name, input_schema: { ...schema, type: 'object' } }],
      tool_choice: { type: 'tool', name, disable_parallel_tool_use: true },
    }),
    prompt: () => ({}),
  };
