import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';

import type { CompletionRequest, JsonShape, OutputMode, Quirks } from '../llm-provider.js';
import { placeInstructions, systemFor } from '../place-prompt.js';

/** Our prompt as a Messages body. No sampling parameters: Opus 4.7 and later refuse them. */
export function toAnthropicMessage(
  { system, turns, shape, maxOutputTokens }: CompletionRequest,
  model: string,
  quirks: Quirks,
): MessageCreateParamsBase {
  const placed = placeInstructions(systemFor(system, shape, quirks), turns, quirks);
  return {
    model,
    max_tokens: maxOutputTokens,
    ...(placed.instructions !== '' && { system: placed.instructions }),
    messages: placed.turns.map(({ role, content }) => ({ role, content })),
    ...(shape && OUTPUT[quirks.outputMode](shape, quirks)),
  };
}

/** The Messages API has no mode for JSON without a schema: `json_object` uses the prompt alone. */
const OUTPUT: Readonly<
  Record<OutputMode, (shape: JsonShape, quirks: Quirks) => Partial<MessageCreateParamsBase>>
> = {
  json_schema: ({ schema }) => ({ output_config: { format: { type: 'json_schema', schema } } }),
  json_object: () => ({}),
  tool: ({ name, schema }, { toolChoice }) => ({
    tools: [{ name, input_schema: { ...schema, type: 'object' } }],
    ...(toolChoice === 'forced' && {
      tool_choice: { type: 'tool' as const, name, disable_parallel_tool_use: true },
    }),
    ...(toolChoice === 'auto' && {
      tool_choice: { type: 'auto' as const, disable_parallel_tool_use: true },
    }),
  }),
  prompt: () => ({}),
};
