import { describe, expect, it } from 'vitest';

import { messageSchema } from './message.schemas.js';

const turnOf = (message: object) => {
  const { role, name, content } = messageSchema.parse(message);
  return [role, name, content];
};

describe('a message of another API', () => {
  it.each<[string, object, readonly [string, string | null, string]]>([
    [
      'LangChain, serialised',
      {
        lc: 1,
        type: 'constructor',
        id: ['langchain_core', 'messages', 'AIMessageChunk'],
        kwargs: { content: 'hi', tool_calls: [{ name: 'f', args: { q: 1 }, id: 'c' }] },
      },
      ['assistant', null, 'hi\n[tool call: f({"q":1})]'],
    ],
    [
      'LangChain, as dictionaries',
      { type: 'human', data: { content: 'hi' } },
      ['user', null, 'hi'],
    ],
    ['LangChain, by class', { type: 'SystemMessage', content: 'hi' }, ['system', null, 'hi']],
    [
      'Semantic Kernel',
      { Role: { Label: 'user' }, AuthorName: 'Ada', Items: [{ $type: 'TextContent', Text: 'hi' }] },
      ['user', 'Ada', 'hi'],
    ],
    [
      'Semantic Kernel, of a tool',
      { role: 'tool', items: [{ content_type: 'function_result', result: 'ok' }] },
      ['tool', null, '[tool result: ok]'],
    ],
    [
      'LlamaIndex',
      { role: 'user', blocks: [{ block_type: 'text', text: 'hi' }, { block_type: 'image' }] },
      ['user', null, 'hi\n[image]'],
    ],
    [
      'Pydantic AI, a request',
      {
        kind: 'request',
        parts: [{ part_kind: 'user-prompt', content: ['hi', { kind: 'image-url' }] }],
      },
      ['user', null, 'hi\n[image]'],
    ],
    [
      'Pydantic AI, a response',
      {
        kind: 'response',
        parts: [
          { part_kind: 'thinking', content: 'x' },
          { part_kind: 'text', content: 'hi' },
          { part_kind: 'tool-call', tool_name: 'f', args: '{}' },
        ],
      },
      ['assistant', null, 'hi\n[tool call: f({})]'],
    ],
    [
      'Pydantic AI, a result',
      { kind: 'request', parts: [{ part_kind: 'tool-return', tool_name: 'f', content: 7 }] },
      ['tool', null, '[tool result: 7]'],
    ],
    [
      'our own, with items of its own',
      { role: 'user', content: 'hi', items: [1], blocks: [1] },
      ['user', null, 'hi'],
    ],
    ['Gemini, one part', { parts: { text: 'hi' } }, ['user', null, 'hi']],
    ['Cohere', { role: 'CHATBOT', message: 'hi' }, ['assistant', null, 'hi']],
    [
      'Cohere, of a tool',
      { role: 'TOOL', tool_results: [{ call: { name: 'f' }, outputs: [{ a: 1 }] }] },
      ['tool', null, '[tool result: [{"a":1}]]'],
    ],
    ['ShareGPT', { from: 'gpt', value: 'hi' }, ['assistant', null, 'hi']],
    ['Letta', { message_type: 'tool_return_message', tool_return: 'ok' }, ['tool', null, 'ok']],
    [
      'Letta, thoughts',
      { message_type: 'reasoning_message', reasoning: 'x' },
      ['assistant', null, ''],
    ],
    ['AutoGen', { type: 'TextMessage', source: 'user', content: 'hi' }, ['user', 'user', 'hi']],
    [
      'AutoGen, an agent',
      { type: 'TextMessage', source: 'coder', content: 'hi' },
      ['assistant', 'coder', 'hi'],
    ],
    [
      'AutoGen, a call',
      {
        type: 'ToolCallRequestEvent',
        source: 'a',
        content: [{ id: 'c', name: 'f', arguments: '{}' }],
      },
      ['assistant', 'a', '[tool call: f({})]'],
    ],
    [
      'AutoGen, a result',
      { type: 'ToolCallExecutionEvent', source: 'a', content: [{ call_id: 'c', content: 'ok' }] },
      ['tool', 'a', '[tool result: ok]'],
    ],
    [
      'Mistral, a call',
      { object: 'entry', type: 'function.call', name: 'f', arguments: '{}' },
      ['assistant', null, '[tool call: f({})]'],
    ],
    [
      'Mistral, a result',
      { object: 'entry', type: 'function.result', result: 'ok' },
      ['tool', null, '[tool result: ok]'],
    ],
    ['a tool, a number', { role: 'tool', content: 42 }, ['tool', null, '42']],
    ['a tool, false', { role: 'function', content: false }, ['tool', null, 'false']],
    ['a tool, an object', { type: 'tool', content: { a: null } }, ['tool', null, '{"a":null}']],
    [
      'a tool, rows',
      { role: 'tool', content: [{ name: 'a' }, 1] },
      ['tool', null, '[{"name":"a"},1]'],
    ],
    [
      'a tool, an answer of MCP',
      { role: 'tool', content: { content: [{ type: 'text', text: 'ok' }], isError: false } },
      ['tool', null, 'ok'],
    ],
    [
      'one part of MCP',
      { role: 'user', content: { type: 'text', text: 'hi' } },
      ['user', null, 'hi'],
    ],
  ])('is converted and rendered: %s', (_api, message, turn) => {
    expect(turnOf(message)).toEqual(turn);
  });

  it.each([
    [{ role: 'user', content: 42 }],
    [{ role: 'user', content: true }],
    [{ role: 'user', content: [1] }],
    [{ role: 'user', content: { mood: 1 } }],
    [{ type: 'Message', content: 'x' }],
    [{ type: 'toString', content: 'x' }],
    [{ from: 'nobody', value: 'x' }],
    [{ kwargs: { content: 'x' } }],
    [{ message_type: 'constructor', content: 'x' }],
    ['x'],
    [['user', 'x']],
  ])('is refused: %j', (message) => {
    expect(messageSchema.safeParse(message).success).toBe(false);
  });
});
