import { eventsReply, jsonReply, type Reply, textReply } from '../../scripts/simulator/index.js';

export const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

/** One choice of Chat Completions, as a host of any kind sends it. */
export const chat = (choice: object, more: object = {}): Reply =>
  jsonReply(200, {
    object: 'chat.completion',
    choices: [{ index: 0, ...choice }],
    usage: USAGE,
    ...more,
  });

export const says = (content: unknown, finish: unknown = 'stop', message: object = {}): Reply =>
  chat({ finish_reason: finish, message: { role: 'assistant', content, ...message } });

export const calls = (...inputs: readonly unknown[]): Reply =>
  says(null, 'tool_calls', {
    tool_calls: inputs.map((input, index) => ({
      id: `call_${index}`,
      type: 'function',
      function: { name: 'extracted_facts', arguments: input },
    })),
  });

/** The deltas of a stream, each as one event; a text is sent as it is. */
export const streams = (...deltas: readonly (object | string)[]): Reply =>
  eventsReply(
    deltas.map((delta) => ({
      data:
        typeof delta === 'string'
          ? delta
          : { object: 'chat.completion.chunk', choices: [{ index: 0, ...delta }] },
    })),
  );

export const message = (content: unknown, stop: unknown = 'end_turn'): Reply =>
  jsonReply(200, {
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: stop,
    usage: { input_tokens: 100, output_tokens: 10 },
  });

export const body = (text: string, type = 'application/json'): Reply =>
  textReply(200, text, { 'content-type': type });
