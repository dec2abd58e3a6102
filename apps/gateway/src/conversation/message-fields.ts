/**
 * Names of fields in the messages of OpenAI (Chat Completions, Responses, Assistants), Anthropic, Gemini, Bedrock, LangChain
 * and the Vercel AI SDK.
 */
const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Fields of a part whose values become text, or decide what does. */
export const PART_FIELDS = wordsOf(`
  text refusal value content transcript json thought name toolName tool_name toolCallId function custom
  toolInvocation input args arguments parameters output result response error errorText is_error isError status
  state functionCall function_call functionResponse function_response toolUse toolResult mediaType mimeType
  mime_type input_audio audio image video document inlineData inline_data fileData file_data reasoningContent
`);

/** Fields of a part that say nothing of a turn. */
export const PART_FIELDS_UNREAD = wordsOf(`
  id index cache_control citations annotations logprobs signature data thinking reasoning summary
  encrypted_content tool_use_id tool_call_id call_id caller server_label approval_request_id action queries
  results code outputs container_id format detail file_id filename file_url image_url video_url document_url
  source title context url file image_file media thoughtSignature thought_signature videoMetadata
  providerOptions providerMetadata experimental_providerMetadata dynamic callProviderMetadata providerExecuted
  preliminary approval cachePoint guardContent parent_tool_use_id
`);

/** Fields of a message, beside those of its schema, whose values become text. */
export const MESSAGE_FIELDS = wordsOf(`
  refusal audio arguments args input output result error is_error
  status
`);

/** Fields of a message that say nothing of its turn. */
export const MESSAGE_FIELDS_UNREAD = wordsOf(`
  id object index annotations cache_control tool_call_id toolCallId reasoning reasoning_content
  reasoning_details thinking thinking_blocks stop_reason stop_sequence stop_details finish_reason usage logprobs
  model prefix weight phase call_id summary encrypted_content action queries results code outputs container_id
  container server_label attachments approval_request_id experimental_attachments providerOptions
  providerMetadata experimental_providerMetadata provider_specific_fields images tool_name incomplete_details
  citations additional_kwargs response_metadata usage_metadata invalid_tool_calls example artifact
`);
