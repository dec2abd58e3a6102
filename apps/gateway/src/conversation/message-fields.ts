/**
 * Names of fields in the messages of OpenAI (Chat Completions, Responses, Assistants), Anthropic, Gemini, Bedrock, Cohere,
 * Mistral, Ollama, and of the frameworks that `unwrap-message.ts` knows.
 */

const splitNames = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Fields of a part that are rendered or that change the rendering (`is_error`, `mimeType`). */
export const PART_FIELDS = splitNames(`
  text refusal value content transcript json thought name toolName tool_name toolCallId function custom
  toolInvocation input args arguments parameters output result response error errorText is_error isError status
  state functionCall function_call functionResponse function_response toolUse toolResult mediaType mimeType
  mime_type input_audio audio image video document inlineData inline_data fileData file_data reasoningContent
  source title resource results outputs code action queries operation tool_kwargs cachePoint guardContent
  citationsContent searchResult executableCode executable_code codeExecutionResult code_execution_result
  block_type part_kind content_type kind call_id
`);

/** Fields of a part that are ignored. */
export const IGNORED_PART_FIELDS = splitNames(`
  id index cache_control citations annotations logprobs signature data thinking reasoning summary
  encrypted_content tool_use_id tool_call_id caller server_label server_name approval_request_id approvalId
  container_id format detail file_id filename file_url image_url video_url document_url base64 blob uri
  context url file image_file media thoughtSignature thought_signature videoMetadata extras sourceId
  providerOptions providerMetadata experimental_providerMetadata dynamic callProviderMetadata providerExecuted
  preliminary approval parent_tool_use_id reference_ids structuredContent _meta page_age
`);

/** Fields of a message, besides those of its schema, that are rendered or that change the rendering (`is_error`, `status`). */
export const MESSAGE_FIELDS = splitNames(`
  refusal audio arguments args input output result error is_error
  status action queries results code outputs operation images attachments experimental_attachments
  additional_kwargs
`);

/** Fields of a message that are ignored. */
export const IGNORED_MESSAGE_FIELDS = splitNames(`
  id object index annotations cache_control tool_call_id toolCallId reasoning reasoning_content
  reasoning_details thinking thinking_blocks stop_reason stop_sequence stop_details finish_reason usage logprobs
  model prefix weight phase call_id callId summary encrypted_content container_id container server_label
  approval_request_id approve tools providerOptions providerMetadata experimental_providerMetadata providerData
  provider_specific_fields tool_name incomplete_details citations response_metadata usage_metadata
  invalid_tool_calls example artifact thread_id assistant_id structuredContent isError tool_plan
  tool_responses models_usage target model_name provider_details provider_name previous_agent_name
  next_agent_name thought instructions revisionId ModelId MimeType
`);

/** Fields that contain the whole message in a format of `unwrap-message.ts`. In any other message they are unknown fields. */
export const ENVELOPE_FIELDS = splitNames(`
  lc kwargs data items Items Role authorName AuthorName blocks message tool_results from value message_type
  tool_call tool_return source kind
`);

/** Fields in which some APIs name the agent and the run that wrote a message, and store the client's own data. */
export const AGENT_FIELDS = splitNames('run_id agent_id metadata');
