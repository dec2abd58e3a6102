import { describe, expect, it } from 'vitest';

import { joined, piecesOf } from './render-parts.js';

const rendered = (...parts: unknown[]) =>
  joined(
    parts.flatMap((part) => {
      const pieces = piecesOf(part);
      if (!pieces) throw new Error('It is no part');
      return pieces;
    }),
  );
const BASE64 = 'iVBORw0KGgo'.repeat(200);
const DATA_URL = `data:image/png;base64,${BASE64}`;

describe('a part of a message', () => {
  it.each<[string, unknown, string]>([
    ['a text', { type: 'text', text: 'hi' }, 'hi'],
    ['a bare text', 'hi', 'hi'],
    ['a text of Responses', { type: 'input_text', text: 'hi' }, 'hi'],
    ['an answer of Responses', { type: 'output_text', text: 'hi', annotations: [] }, 'hi'],
    ['a text of Assistants', { type: 'text', text: { value: 'hi', annotations: [] } }, 'hi'],
    ['a text of Gemini', { text: 'hi' }, 'hi'],
    ['a text of null', { type: 'text', text: null }, ''],
    ['a refusal', { type: 'refusal', refusal: 'I cannot.' }, 'I cannot.'],
    ['thoughts', { type: 'thinking', thinking: 'x', signature: 'y' }, ''],
    ['hidden thoughts', { type: 'redacted_thinking', data: 'x' }, ''],
    ['thoughts of the AI SDK', { type: 'reasoning', text: 'x' }, ''],
    ['thoughts of Gemini', { text: 'x', thought: true }, ''],
    ['thoughts of Bedrock', { reasoningContent: { reasoningText: { text: 'x' } } }, ''],
    ['a step of the AI SDK', { type: 'step-start' }, ''],
    ['an image of chat', { type: 'image_url', image_url: { url: DATA_URL } }, '[image]'],
    ['an image of Responses', { type: 'input_image', image_url: DATA_URL }, '[image]'],
    ['an image of Anthropic', { type: 'image', source: { type: 'base64' } }, '[image]'],
    ['an image of Assistants', { type: 'image_file', image_file: { file_id: 'f' } }, '[image]'],
    ['an image of Gemini', { inlineData: { mimeType: 'image/png', data: BASE64 } }, '[image]'],
    ['an image of Bedrock', { image: { format: 'png', source: {} } }, '[image]'],
    ['an image file of the AI SDK', { type: 'file', mediaType: 'image/png', data: 'x' }, '[image]'],
    ['a sound', { type: 'input_audio', input_audio: { data: BASE64 } }, '[audio]'],
    ['a sound that was written down', { type: 'audio', transcript: 'Hello.' }, 'Hello.'],
    ['a film', { type: 'video_url', video_url: {} }, '[video]'],
    ['a file', { type: 'input_file', filename: 'x.pdf' }, '[file]'],
    ['a file of Gemini', { fileData: { mimeType: 'application/pdf' } }, '[file]'],
    ['a document', { type: 'document', source: { type: 'base64', data: BASE64 } }, '[document]'],
    ['a mark of Bedrock', { cachePoint: { type: 'default' } }, ''],
    ['a guarded text of Bedrock', { guardContent: { text: { text: 'x' } } }, 'x'],
    [
      'cited text of Bedrock',
      { citationsContent: { content: [{ text: 'x' }], citations: [] } },
      'x',
    ],
    [
      'code of Gemini',
      { executableCode: { language: 'PYTHON', code: '1' } },
      '[tool call: code_execution(1)]',
    ],
    ['what code of Gemini printed', { codeExecutionResult: { output: '1' } }, '[tool result: 1]'],
    ['a text that is a number', { type: 'text', text: 5 }, '5'],
    [
      'a search of Responses',
      { type: 'web_search_call', action: { type: 'search', query: 'x' } },
      '[tool call: web_search({"type":"search","query":"x"})]',
    ],
    [
      'a search in files',
      { type: 'file_search_call', queries: ['x'], results: [{ text: 'y', score: 1 }] },
      '[tool call: file_search(["x"])]\n[tool result: [{"text":"y","score":1}]]',
    ],
    [
      'code of Responses',
      { type: 'code_interpreter_call', code: '1', outputs: [{ type: 'logs', logs: '2' }] },
      '[tool call: code_interpreter(1)]\n[tool result: [{"type":"logs","logs":"2"}]]',
    ],
    ['a picture that was made', { type: 'image_generation_call', result: BASE64 }, '[image]'],
    [
      'a call of the host in LangChain',
      { type: 'server_tool_call', name: 'f', args: { q: 1 } },
      '[tool call: f({"q":1})]',
    ],
    [
      'a result of the Agents SDK',
      { type: 'function_call_result', output: { type: 'text', text: 'x' } },
      '[tool result: x]',
    ],
    [
      'what code printed, of Anthropic',
      {
        type: 'code_execution_tool_result',
        content: { type: 'code_execution_result', stdout: '2', content: [] },
      },
      '[tool result: {"type":"code_execution_result","stdout":"2","content":[]}]',
    ],
    [
      'entries of a folder',
      { type: 'tool_result', content: [{ type: 'file', name: 'a' }] },
      '[tool result: [{"type":"file","name":"a"}]]',
    ],
    [
      'rows with a text',
      { type: 'tool_result', content: [{ text: 'a', score: 1 }] },
      '[tool result: [{"text":"a","score":1}]]',
    ],
    [
      'other calls in a result',
      { type: 'tool_result', content: [{ type: 'phone_call', to: 'a' }] },
      '[tool result: [{"type":"phone_call","to":"a"}]]',
    ],
    [
      'a request for approval',
      { type: 'tool-approval-request', toolCallId: 'c' },
      '[tool-approval-request]',
    ],
    ['an unknown part', { type: 'hologram', data: 'x' }, '[hologram]'],
    ['a part with an odd type', { type: 'x y\n<z>' }, '[part]'],
    ['a part with a long type', { type: 'x'.repeat(60) }, '[part]'],
    [
      'a call of Anthropic',
      { type: 'tool_use', name: 'f', input: { q: 'x' } },
      '[tool call: f({"q":"x"})]',
    ],
    [
      'a call on the server',
      { type: 'server_tool_use', name: 'web', input: {} },
      '[tool call: web({})]',
    ],
    ['a call without input', { type: 'tool_use', name: 'f' }, '[tool call: f()]'],
    ['a call without a name', { type: 'tool_use', input: [1] }, '[tool call: unnamed([1])]'],
    [
      'a call of the AI SDK',
      { type: 'tool-call', toolName: 'f', args: { q: 1 } },
      '[tool call: f({"q":1})]',
    ],
    [
      'a newer call of the AI SDK',
      { type: 'tool-call', toolName: 'f', input: 'x' },
      '[tool call: f(x)]',
    ],
    [
      'a call of Gemini',
      { functionCall: { name: 'f', args: { q: 1 } } },
      '[tool call: f({"q":1})]',
    ],
    ['a call of Bedrock', { toolUse: { name: 'f', input: { q: 1 } } }, '[tool call: f({"q":1})]'],
    ['a result', { type: 'tool_result', content: 'ok' }, '[tool result: ok]'],
    [
      'a result of parts',
      {
        type: 'tool_result',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      '[tool result: a\nb]',
    ],
    ['a result of texts', { type: 'tool_result', content: ['a', 'b'] }, '[tool result: a\nb]'],
    ['a result of nothing', { type: 'tool_result', tool_use_id: 'x' }, '[tool result]'],
    [
      'a result of a picture',
      { type: 'tool_result', content: [{ type: 'image', source: { data: BASE64 } }] },
      '[tool result: [image]]',
    ],
    [
      'a result of one part',
      { type: 'tool_result', content: { type: 'text', text: 'a' } },
      '[tool result: a]',
    ],
    [
      'a failed result',
      { type: 'tool_result', is_error: true, content: 'no' },
      '[tool result: error: no]',
    ],
    [
      'a result of other JSON',
      { type: 'tool_result', content: [{ type: 'hit', url: 'u' }] },
      '[tool result: [{"type":"hit","url":"u"}]]',
    ],
    [
      'a result of a search',
      {
        type: 'web_search_tool_result',
        content: [{ type: 'web_search_result', title: 't', encrypted_content: BASE64 }],
      },
      '[tool result: [{"type":"web_search_result","title":"t","encrypted_content":"[data]"}]]',
    ],
    [
      'a result of the AI SDK',
      { type: 'tool-result', toolName: 'f', result: { a: 1 } },
      '[tool result: {"a":1}]',
    ],
    [
      'a text result of the AI SDK',
      { type: 'tool-result', output: { type: 'text', value: 'a' } },
      '[tool result: a]',
    ],
    [
      'a JSON result of the AI SDK',
      { type: 'tool-result', output: { type: 'json', value: [1] } },
      '[tool result: [1]]',
    ],
    [
      'a failure of the AI SDK',
      { type: 'tool-result', output: { type: 'error-text', value: 'a' } },
      '[tool result: error: a]',
    ],
    [
      'a picture of the AI SDK',
      {
        type: 'tool-result',
        output: {
          type: 'content',
          value: [{ type: 'media', mediaType: 'image/png', data: BASE64 }],
        },
      },
      '[tool result: [image]]',
    ],
    [
      'a denied call of the AI SDK',
      { type: 'tool-result', output: { type: 'execution-denied' } },
      '[tool result: denied]',
    ],
    [
      'a tool in an interface of the AI SDK',
      {
        type: 'tool-find_Trains',
        toolCallId: 'c',
        state: 'output-available',
        input: { q: 1 },
        output: 'ok',
      },
      '[tool call: find_Trains({"q":1})]\n[tool result: ok]',
    ],
    [
      'a failed tool of an interface',
      { type: 'dynamic-tool', toolName: 'f', toolCallId: 'c', input: 1, errorText: 'no' },
      '[tool call: f(1)]\n[tool result: error: no]',
    ],
    [
      'an invocation of the AI SDK',
      { type: 'tool-invocation', toolInvocation: { toolName: 'f', args: 1, result: 2 } },
      '[tool call: f(1)]\n[tool result: 2]',
    ],
    [
      'a result of Gemini',
      { functionResponse: { name: 'f', response: { a: 1 } } },
      '[tool result: {"a":1}]',
    ],
    [
      'a result of Bedrock',
      { toolResult: { content: [{ json: { a: 1 } }, { text: 'b' }] } },
      '[tool result: {"a":1}\nb]',
    ],
    [
      'a result of an MCP server',
      {
        type: 'tool-result',
        result: {
          content: [
            { type: 'text', text: 'a' },
            { type: 'image', data: BASE64 },
          ],
        },
      },
      '[tool result: a\n[image]]',
    ],
    ['a number', { type: 'tool-result', result: 0 }, '[tool result: 0]'],
    [
      'a data URL in a result',
      { type: 'tool_result', content: `see data:image/png;base64,iVBORw0= here` },
      '[tool result: see [image] here]',
    ],
    [
      'bare base64 in a result',
      { type: 'tool_result', content: `{"shot":"${BASE64}"}` },
      '[tool result: {"shot":"[data]"}]',
    ],
    ['a picture in a text', { type: 'text', text: `![x](${DATA_URL})` }, '![x]([image])'],
    ['a short data URL in a text', 'data:text/plain;base64,aGk=', 'data:text/plain;base64,aGk='],
    ['a long word in a text', 'a'.repeat(3_000), 'a'.repeat(3_000)],
  ])('is rendered: %s', (_what, part, text) => {
    expect(rendered(part).text).toBe(text);
  });

  it('is marked as text, or as the name of a part without text', () => {
    expect(rendered({ type: 'image' }, { type: 'thinking' }).isText).toBe(false);
    expect(rendered({ type: 'tool_result', content: [{ type: 'image' }] }).isText).toBe(false);
    expect(rendered({ type: 'image' }, 'x').isText).toBe(true);
    expect(rendered({ type: 'tool_use', name: 'f' }).isText).toBe(true);
    expect(rendered('[image]').isText).toBe(true);
    expect(rendered(' ').isText).toBe(false);
  });

  it.each([{}, { mood: 1 }, { type: '' }, { type: 'text' }, 7, null, []])(
    'is refused: %j',
    (part) => {
      expect(piecesOf(part)).toBeUndefined();
    },
  );
});
