import { describe, expect, it } from 'vitest';

import { renderMessage, type SentMessage } from './render-message.js';
import type { Role } from './part-kinds.js';

const read = (message: object) => renderMessage(message as SentMessage);
const turnOf = (message: object) => {
  const rendered = read(message);
  if (!('role' in rendered)) throw new Error(JSON.stringify(rendered));
  return rendered;
};
const BASE64 = 'iVBORw0KGgo'.repeat(200);
const DATA_URL = `data:image/png;base64,${BASE64}`;

describe('a message', () => {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"q": 1}' } };

  it.each<[string, object, Role, string]>([
    [
      'with tool calls',
      { role: 'assistant', content: null, tool_calls: [call] },
      'assistant',
      '[tool call: f({"q": 1})]',
    ],
    [
      'with text and tool calls',
      { role: 'assistant', content: 'Wait.', tool_calls: [call, call] },
      'assistant',
      'Wait.\n[tool call: f({"q": 1})]\n[tool call: f({"q": 1})]',
    ],
    [
      'without content',
      { role: 'assistant', tool_calls: [call] },
      'assistant',
      '[tool call: f({"q": 1})]',
    ],
    [
      'with a custom tool',
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ type: 'custom', custom: { name: 'sh', input: 'ls' } }],
      },
      'assistant',
      '[tool call: sh(ls)]',
    ],
    [
      'with a legacy call',
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      'assistant',
      '[tool call: f({})]',
    ],
    [
      'with calls of LangChain, in both places',
      {
        role: 'assistant',
        content: [{ type: 'tool_use', name: 'f', input: { q: 1 } }],
        tool_calls: [{ name: 'f', args: { q: 1 }, id: 'c', type: 'tool_call' }],
      },
      'assistant',
      '[tool call: f({"q":1})]',
    ],
    ['with a refusal', { role: 'assistant', content: null, refusal: 'No.' }, 'assistant', 'No.'],
    [
      'that was spoken',
      { role: 'assistant', content: null, audio: { id: 'a', transcript: 'Hi.' } },
      'assistant',
      'Hi.',
    ],
    [
      'that was spoken once',
      { role: 'assistant', content: null, audio: { id: 'a' } },
      'assistant',
      '[audio]',
    ],
    [
      'of Gemini',
      { role: 'assistant', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'audio/wav' } }] },
      'assistant',
      'hi\n[audio]',
    ],
    [
      'of an interface of the AI SDK',
      { role: 'assistant', content: 'hi', parts: [{ type: 'text', text: 'hi' }] },
      'assistant',
      'hi',
    ],
    [
      'with invocations of the AI SDK',
      {
        role: 'assistant',
        content: '',
        toolInvocations: [{ toolName: 'f', args: {}, result: 'ok' }],
      },
      'assistant',
      '[tool call: f({})]\n[tool result: ok]',
    ],
    ['of a tool', { role: 'tool', tool_call_id: 'c', content: '{"a":1}' }, 'tool', '{"a":1}'],
    [
      'of a tool, with a picture',
      { role: 'tool', content: `{"png":"${DATA_URL}"}` },
      'tool',
      '{"png":"[image]"}',
    ],
    [
      'of results alone',
      { role: 'user', content: [{ type: 'tool_result', content: 'ok' }] },
      'tool',
      '[tool result: ok]',
    ],
    [
      'of results alone, of Gemini',
      { role: 'user', parts: [{ functionResponse: { response: { a: 1 } } }] },
      'tool',
      '[tool result: {"a":1}]',
    ],
    [
      'of a result and a text',
      {
        role: 'user',
        content: [
          { type: 'tool_result', content: 'ok' },
          { type: 'text', text: 'Go on.' },
        ],
      },
      'user',
      '[tool result: ok]\nGo on.',
    ],
    [
      'with calls as the provider of LangChain sent them',
      { role: 'assistant', content: '', tool_calls: [], additional_kwargs: { tool_calls: [call] } },
      'assistant',
      '[tool call: f({"q": 1})]',
    ],
    [
      'of Ollama',
      { role: 'user', content: 'hi', images: [BASE64, BASE64] },
      'user',
      'hi\n[image]\n[image]',
    ],
    [
      'with attachments of the AI SDK',
      {
        role: 'user',
        content: 'hi',
        experimental_attachments: [
          { contentType: 'image/png' },
          { contentType: 'application/pdf' },
        ],
      },
      'user',
      'hi\n[image]\n[file]',
    ],
    [
      'that is a picture that was made',
      { type: 'image_generation_call', result: BASE64 },
      'assistant',
      '[image]',
    ],
    ['with nothing', { role: 'user', content: null }, 'user', ''],
    ['with white space', { role: 'user', content: ' \n' }, 'user', ' \n'],
    ['of LangChain, without a role', { type: 'human', content: 'hi' }, 'user', 'hi'],
    [
      'of Responses',
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'hi' }] },
      'system',
      'hi',
    ],
    [
      'that is a call',
      { type: 'function_call', name: 'f', arguments: '{}', call_id: 'c' },
      'assistant',
      '[tool call: f({})]',
    ],
    [
      'that is a result',
      { type: 'function_call_output', output: [{ type: 'input_text', text: 'ok' }] },
      'tool',
      '[tool result: ok]',
    ],
    [
      'that is a custom result',
      { type: 'custom_tool_call_output', output: 'ok' },
      'tool',
      '[tool result: ok]',
    ],
    [
      'that is a screenshot',
      {
        type: 'computer_call_output',
        output: { type: 'computer_screenshot', image_url: DATA_URL },
      },
      'tool',
      '[tool result: [image]]',
    ],
    [
      'that is a call of the host',
      { type: 'web_search_call', id: 'w', status: 'completed' },
      'assistant',
      '[web_search_call]',
    ],
    [
      'that refers to another',
      { type: 'item_reference', id: 'x' },
      'assistant',
      '[item_reference]',
    ],
    [
      'that is a call of MCP',
      { type: 'mcp_call', name: 'f', arguments: '{}', output: 'ok' },
      'assistant',
      '[tool call: f({})]\n[tool result: ok]',
    ],
    [
      'that is a thought',
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'x' }] },
      'assistant',
      '',
    ],
  ])('is rendered as one turn: %s', (_what, message, role, text) => {
    expect(turnOf(message)).toMatchObject({ role, text });
  });

  it('keeps the name of the speaker, but not the name of a tool', () => {
    expect(turnOf({ role: 'user', name: 'Ada', content: 'x' }).name).toBe('Ada');
    expect(turnOf({ role: 'user', name: '', content: 'x' }).name).toBeNull();
    expect(turnOf({ type: 'function_call', name: 'f' }).name).toBeNull();
  });

  it.each([
    [{ role: 'user', content: ['a', { mood: 1 }] }, [['content', 1, 'type']]],
    [{ role: 'user', content: [{ type: 'text' }] }, [['content', 0, 'text']]],
    [{ role: 'user', parts: [7] }, [['parts', 0]]],
    [{}, [['role'], ['content']]],
    [{ content: 'x' }, [['role']]],
    [{ role: 'user' }, [['content']]],
    [{ type: 'text', text: 'x' }, [['role'], ['content']]],
    [{ type: 'constructor', lc: 1, content: 'x' }, [['role']]],
  ])('is refused: %j', (message, paths) => {
    expect(read(message)).toMatchObject(paths.map((path) => ({ path })));
  });
});
