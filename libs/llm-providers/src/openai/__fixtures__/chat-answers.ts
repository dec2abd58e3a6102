import { eventStream } from '../../testing/wire-server.js';

const completion = (message: Record<string, unknown>, finish: string) => ({
  status: 200,
  headers: { 'x-request-id': 'req_0123456789abcdef0123456789abcdef' },
  body: {
    id: 'chatcmpl-01',
    object: 'chat.completion',
    created: 1_795_000_000,
    model: 'gpt-4.1',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, refusal: null, ...message },
        finish_reason: finish,
      },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
  },
});

const chunk = (delta: Record<string, unknown>, finish: string | null = null) => ({
  data: {
    id: 'chatcmpl-01',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  },
});

/** Answers that OpenAI and Azure send in the same form. */
export const chatAnswers = {
  completion: completion({ content: 'Paris.' }, 'stop'),
  toolCall: completion(
    {
      tool_calls: [
        {
          id: 'call_01',
          type: 'function',
          function: { name: 'capital', arguments: '{"city":"Paris"}' },
        },
      ],
    },
    'tool_calls',
  ),
  cutOff: completion({ content: 'Par' }, 'length'),
  refused: completion({ refusal: 'I cannot help with that.' }, 'stop'),
  stream: eventStream([
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Par' }),
    chunk({ content: 'is.' }),
    chunk({}, 'stop'),
    { data: { choices: [], usage: { prompt_tokens: 12, completion_tokens: 5 } } },
    { data: '[DONE]' },
  ]),
  cutStream: eventStream([chunk({ content: 'Par' })]),
  failingStream: eventStream([
    chunk({ content: 'Par' }),
    { data: { error: { message: 'The server had an error', type: 'server_error', code: null } } },
  ]),
};
