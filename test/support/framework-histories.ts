/** Text that begins like the base64 of a PNG image. */
const IMAGE_DATA = `iVBORw0KGgoAAAANSUhEUgAA${'QUJD'.repeat(400)}=`;
const IN_LINES = (IMAGE_DATA.match(/.{1,76}/g) ?? []).join('\n');

/** Histories of frameworks and less common APIs, each with the turns that the model is shown of it. */
export const FRAMEWORK_HISTORIES: Readonly<
  Record<string, readonly [readonly unknown[], readonly object[]]>
> = {
  'OpenAI’s Assistants': [
    [
      {
        object: 'thread.message',
        role: 'user',
        thread_id: 't',
        metadata: { user_id: 'ada' },
        attachments: [{ file_id: 'f' }],
        content: [{ type: 'text', text: { value: 'How far is Porto?', annotations: [] } }],
      },
      {
        object: 'thread.message',
        role: 'assistant',
        assistant_id: 'a',
        run_id: 'r',
        content: [{ type: 'text', text: { value: '313 km.' } }],
      },
    ],
    [
      { n: 0, role: 'user', text: 'How far is Porto?\n[file]' },
      { n: 1, role: 'assistant', text: '313 km.' },
    ],
  ],
  'the host’s own tools of Responses': [
    [
      { type: 'web_search_call', id: 'w', action: { type: 'search', query: 'Porto' } },
      { type: 'code_interpreter_call', code: 'print(1)', outputs: [{ type: 'logs', logs: '1' }] },
      { type: 'image_generation_call', result: IMAGE_DATA },
      { type: 'mcp_list_tools', server_label: 'dice', tools: [] },
    ],
    [
      { role: 'assistant', text: '[tool call: web_search({"type":"search","query":"Porto"})]' },
      {
        role: 'assistant',
        text: '[tool call: code_interpreter(print(1))]\n[tool result: [{"type":"logs","logs":"1"}]]',
      },
      { role: 'assistant', text: '[image]' },
      { role: 'assistant', text: '[mcp_list_tools]' },
    ],
  ],
  'Bedrock Converse': [
    [
      {
        role: 'user',
        content: [
          { text: 'Read this.' },
          { document: { format: 'txt', name: 'notes', source: { text: 'Refunds in 30 days.' } } },
          { image: { format: 'png', source: { bytes: IMAGE_DATA } } },
          { cachePoint: { type: 'default' } },
        ],
      },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 't', name: 'f', input: { a: 1 } } }],
      },
      {
        role: 'user',
        content: [{ toolResult: { toolUseId: 't', status: 'error', content: [{ text: 'no' }] } }],
      },
    ],
    [
      { role: 'user', text: 'Read this.\n[document: notes\nRefunds in 30 days.]\n[image]' },
      { role: 'assistant', text: '[tool call: f({"a":1})]' },
      { role: 'tool', text: '[tool result: error: no]' },
    ],
  ],
  'LangChain, serialised': [
    [
      { lc: 1, type: 'constructor', id: ['langchain', 'HumanMessage'], kwargs: { content: 'hi' } },
      { type: 'ai', data: { content: '', tool_calls: [{ name: 'f', args: { a: 1 }, id: 'c' }] } },
      { type: 'tool', content: { rows: [1, 2] }, tool_call_id: 'c', artifact: null },
    ],
    [
      { role: 'user', text: 'hi' },
      { role: 'assistant', text: '[tool call: f({"a":1})]' },
      { role: 'tool', text: '{"rows":[1,2]}' },
    ],
  ],
  AutoGen: [
    [
      { type: 'TextMessage', source: 'user', content: 'hi', models_usage: null },
      {
        type: 'ToolCallRequestEvent',
        source: 'coder',
        content: [{ id: 'c', name: 'f', arguments: '{}' }],
      },
      {
        type: 'ToolCallExecutionEvent',
        source: 'coder',
        content: [{ call_id: 'c', name: 'f', content: 'ok', is_error: false }],
      },
    ],
    [
      { role: 'user', name: 'user', text: 'hi' },
      { role: 'assistant', name: 'coder', text: '[tool call: f({})]' },
      { role: 'tool', text: '[tool result: ok]' },
    ],
  ],
  'Pydantic AI': [
    [
      { kind: 'request', run_id: 'r', parts: [{ part_kind: 'user-prompt', content: 'hi' }] },
      {
        kind: 'response',
        parts: [
          { part_kind: 'thinking', content: 'SECRET THOUGHTS' },
          { part_kind: 'tool-call', tool_name: 'f', args: { a: 1 }, tool_call_id: 'c' },
        ],
      },
      { kind: 'request', parts: [{ part_kind: 'tool-return', tool_name: 'f', content: [1] }] },
    ],
    [
      { role: 'user', text: 'hi' },
      { role: 'assistant', text: '[tool call: f({"a":1})]' },
      { role: 'tool', text: '[tool result: [1]]' },
    ],
  ],
  'LlamaIndex, Cohere, Semantic Kernel and Ollama': [
    [
      { role: 'user', blocks: [{ block_type: 'text', text: 'hi' }, { block_type: 'image' }] },
      { role: 'CHATBOT', message: 'yes', tool_calls: [{ name: 'f', parameters: { a: 1 } }] },
      { Role: { Label: 'user' }, Items: [{ $type: 'TextContent', Text: 'go on' }] },
      { role: 'user', content: 'look', images: [IMAGE_DATA] },
    ],
    [
      { role: 'user', text: 'hi\n[image]' },
      { role: 'assistant', text: 'yes\n[tool call: f({"a":1})]' },
      { role: 'user', text: 'go on' },
      { role: 'user', text: 'look\n[image]' },
    ],
  ],
  'a person and tools, with files pasted': [
    [
      { role: 'user', content: `Here: ${IMAGE_DATA}` },
      { role: 'tool', content: IN_LINES },
      { role: 'tool', content: 42 },
    ],
    [
      { role: 'user', text: 'Here: [data]' },
      { role: 'tool', text: '[data]' },
      { role: 'tool', text: '42' },
    ],
  ],
};
