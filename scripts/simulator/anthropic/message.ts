import { parseJson } from '../http/json.js';
import { eventsReply, type Headers, jsonReply, type Reply } from '../http/reply.js';
import { base58 } from '../ids.js';
import { deltasOf } from '../tokens.js';
import type { AskedPrompt, GeneratedAnswer } from '../wire.js';

const STOP = {
  end: 'end_turn',
  length: 'max_tokens',
  'stop-sequence': 'stop_sequence',
  refused: 'refusal',
  filtered: 'refusal',
} as const;

/** A message, in one piece or as a stream. */
export function messageReply(
  asked: AskedPrompt,
  generated: GeneratedAnswer,
  headers: Headers,
): Reply {
  return asked.stream ? streamed(asked, generated, headers) : whole(asked, generated, headers);
}

function whole(asked: AskedPrompt, generated: GeneratedAnswer, headers: Headers): Reply {
  const body = {
    ...envelope(asked, generated),
    content: contentOf(asked, generated),
    usage: usageOf(generated),
  };
  return jsonReply(200, body, headers);
}

function contentOf(asked: AskedPrompt, { text, stop }: GeneratedAnswer): readonly object[] {
  if (text === '') return [];
  if (!usesTool(asked, stop)) return [{ type: 'text', text, citations: null }];
  // Arguments that were cut off are not JSON. The real API then sends the fields that it could read, or none.
  return [{ ...toolBlock(asked), input: parseJson(text) ?? {} }];
}

function usesTool(asked: AskedPrompt, stop: GeneratedAnswer['stop']): boolean {
  return asked.tool !== undefined && stop !== 'refused' && stop !== 'filtered';
}

function toolBlock(asked: AskedPrompt) {
  return { type: 'tool_use', id: `toolu_01${base58(22)}`, name: asked.tool?.name ?? '', input: {} };
}

function envelope(asked: AskedPrompt, { stop, stopSequence }: GeneratedAnswer) {
  return {
    id: `msg_01${base58(22)}`,
    type: 'message',
    role: 'assistant',
    model: asked.model,
    container: null,
    stop_reason: stop === 'end' && asked.tool !== undefined ? 'tool_use' : STOP[stop],
    stop_sequence: stopSequence ?? null,
    stop_details: null,
  };
}

function usageOf({ inputTokens, outputTokens }: GeneratedAnswer) {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

function streamed(asked: AskedPrompt, generated: GeneratedAnswer, headers: Headers): Reply {
  const { stop_reason, stop_sequence, ...message } = envelope(asked, generated);
  const opening = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf({ ...generated, outputTokens: 1 }),
  };
  const tool = usesTool(asked, generated.stop);
  const block = tool ? toolBlock(asked) : { type: 'text', text: '' };
  const delta = (piece: string) =>
    tool ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece };
  const events = [
    { type: 'message_start', message: opening },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'ping' },
    ...(tool ? [{ type: 'content_block_delta', index: 0, delta: delta('') }] : []),
    ...deltasOf(generated.text).map((piece) => ({
      type: 'content_block_delta',
      index: 0,
      delta: delta(piece),
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence },
      usage: { output_tokens: generated.outputTokens, input_tokens: generated.inputTokens },
    },
    { type: 'message_stop' },
  ];
  return eventsReply(
    events.map((data) => ({ event: data.type, data })),
    headers,
  );
}
