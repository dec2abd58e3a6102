/** Text that begins like the base64 of a PNG image. */
const IMAGE_DATA = `iVBORw0KGgoAAAANSUhEUgAA${'QUJD'.repeat(400)}=`;
const IMAGE_URL = `data:image/png;base64,${IMAGE_DATA}`;

const OPENAI_CHAT = [
  { role: 'developer', content: 'You book trips.' },
  { role: 'user', content: 'Is there a train to Porto?', name: 'Dana' },
  {
    role: 'assistant',
    content: null,
    refusal: null,
    annotations: [],
    audio: null,
    function_call: null,
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'find_trains', arguments: '{"to":"Porto"}' },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: '{"train":"IC 523"}' },
  { role: 'function', name: 'legacy', content: 'done' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'My ticket:' },
      { type: 'image_url', image_url: { url: IMAGE_URL, detail: 'low' } },
      { type: 'input_audio', input_audio: { data: IMAGE_DATA, format: 'wav' } },
      { type: 'file', file: { filename: 'ticket.pdf', file_data: IMAGE_DATA } },
    ],
  },
  { role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot read it.' }] },
];

export const ANTHROPIC_HISTORY = [
  { role: 'user', content: 'Book it.' },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'The user wants SECRET THOUGHTS.', signature: 'abc' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'Booking now.', cache_control: { type: 'ephemeral' } },
      { type: 'tool_use', id: 'toolu_1', name: 'book', input: { seat: 12, user_id: 'u-1' } },
    ],
  },
  {
    role: 'user',
    content: [
      {
        type: 'tool_result',
        tool_use_id: 'toolu_1',
        content: [
          { type: 'text', text: 'Booked: ABC-123' },
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: IMAGE_DATA },
          },
        ],
      },
      { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true, content: 'No seat.' },
      { type: 'document', source: { type: 'base64', data: IMAGE_DATA } },
    ],
  },
];

const RESPONSES = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather in Faro?' }] },
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: IMAGE_DATA },
  {
    type: 'function_call',
    id: 'fc_1',
    call_id: 'call_9',
    name: 'weather',
    arguments: '{"city":"Faro"}',
    status: 'completed',
  },
  { type: 'function_call_output', call_id: 'call_9', output: '21 degrees' },
  {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'It is 21 degrees.', annotations: [], logprobs: [] }],
  },
];

const AI_SDK = [
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'SECRET THOUGHTS' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'search', input: { q: 'hotels' } },
    ],
  },
  {
    role: 'tool',
    content: [
      {
        type: 'tool-result',
        toolCallId: 'c1',
        toolName: 'search',
        output: { type: 'json', value: { hotel: 'Mar' } },
      },
      { type: 'tool-result', toolCallId: 'c2', toolName: 'search', result: 'none' },
    ],
  },
];

/** Histories by the SDK that writes them, each with the turns that the model must be shown. */
export const HISTORIES: Readonly<Record<string, readonly [readonly unknown[], readonly object[]]>> =
  {
    'OpenAI chat completions': [
      OPENAI_CHAT,
      [
        { n: 0, role: 'system', text: 'You book trips.' },
        { n: 1, role: 'user', text: 'Is there a train to Porto?' },
        { n: 2, role: 'assistant', text: '[tool call: find_trains({"to":"Porto"})]' },
        { n: 3, role: 'tool', text: '{"train":"IC 523"}' },
        { n: 4, role: 'tool', name: 'legacy', text: 'done' },
        { n: 5, role: 'user', text: 'My ticket:\n[image]\n[audio]\n[file]' },
        { n: 6, role: 'assistant', text: 'I cannot read it.' },
      ],
    ],
    'Anthropic messages': [
      ANTHROPIC_HISTORY,
      [
        { n: 0, role: 'user', text: 'Book it.' },
        {
          n: 1,
          role: 'assistant',
          text: 'Booking now.\n[tool call: book({"seat":12,"user_id":"u-1"})]',
        },
        {
          n: 2,
          role: 'user',
          text: '[tool result: Booked: ABC-123\n[image]]\n[tool result: error: No seat.]\n[document]',
        },
      ],
    ],
    'OpenAI responses': [
      RESPONSES,
      [
        { n: 0, role: 'user', text: 'Weather in Faro?' },
        { n: 2, role: 'assistant', text: '[tool call: weather({"city":"Faro"})]' },
        { n: 3, role: 'tool', text: '[tool result: 21 degrees]' },
        { n: 4, role: 'assistant', text: 'It is 21 degrees.' },
      ],
    ],
    'the Vercel AI SDK': [
      AI_SDK,
      [
        { n: 0, role: 'assistant', text: '[tool call: search({"q":"hotels"})]' },
        {
          n: 1,
          role: 'tool',
          text: '[tool result: {"hotel":"Mar"}]\n[tool result: none]',
        },
      ],
    ],
  };
