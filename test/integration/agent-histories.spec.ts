import { afterEach, describe, expect, it } from 'vitest';

import { CALLER_KEY, startByo } from '../support/byo.js';
import { ANTHROPIC_HISTORY, HISTORIES } from '../support/agent-histories.js';
import { FRAMEWORK_HISTORIES } from '../support/framework-histories.js';
import type { Received } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

let tenants = 0;

const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

const write = (messages: readonly unknown[], more: object = {}): Promise<Received> => {
  tenants += 1;
  const body = { messages, tenant_id: `h-${tenants}`, llm: byo.llm('openai', 'm'), ...more };
  return byo.call('/agent/memories', { body });
};

interface ShownTurn {
  readonly n: number;
  readonly role: string;
  readonly text: string;
}

/** The turns that the model was shown. */
function shown(): readonly ShownTurn[] {
  const [call] = byo.providers.calls;
  const { messages } = (call?.body ?? { messages: [] }) as {
    messages: { role: string; content: string }[];
  };
  const prompt = messages.find(({ role }) => role === 'user')?.content ?? '';
  return prompt
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ShownTurn);
}

describe.each(Object.entries({ ...HISTORIES, ...FRAMEWORK_HISTORIES }))(
  'a message history in the format of %s',
  (_name, [messages, turns]) => {
    it('is read with its texts, its tool calls and results, and the names of other parts', async () => {
      const { status, json } = await write(messages, { dry_run: true });
      expect([status, json.warnings]).toEqual([200, undefined]);
      expect(shown()).toMatchObject(turns);
      expect(shown()).toHaveLength(turns.length);
      expect(JSON.stringify(byo.providers.calls)).not.toMatch(/iVBORw0KGgo|SECRET THOUGHTS/);
    });

    it('is accepted in a batch and under Prefer: handling=strict', async () => {
      const { status, json } = await byo.call('/agent/memories/batch', {
        body: { writes: [{ messages, tenant_id: 'batch' }], llm: byo.llm('openai', 'm') },
        headers: { prefer: 'handling=strict' },
      });
      expect([status, json.results]).toMatchObject([202, [{ status: 'accepted' }]]);
      const job = await byo.ended(`/agent/jobs/${json.results[0].job_id}`);
      expect(job.json.state).toBe('succeeded');
    });
  },
);

it('a fact cites the turn as it was read, without the image', async () => {
  const fact = { fact: 'Dana has booking ABC-123.', topic: 'Trip', category: 'travel' };
  const facts = [{ ...fact, importance: 6, valid_from: null, messages: [2] }];
  byo.providers.script({ answer: JSON.stringify({ facts, note: null }) });
  const { json } = await write(ANTHROPIC_HISTORY);
  const [memory] = json.memories;
  expect(memory.source_citation.original_message).toContain('[tool result: Booked: ABC-123\n');
  const rows = await byo.sql('select text from turns union all select request::text from writes');
  expect(JSON.stringify(rows)).not.toContain('iVBORw0KGgo');
});

describe('messages without text', () => {
  it.each([
    ['content of null', [{ role: 'user', content: null }]],
    ['empty text', [{ role: 'user', content: '' }]],
    ['no parts', [{ role: 'user', content: [] }]],
    [
      'white space',
      [
        { role: 'user', content: ' \n' },
        { role: 'assistant', content: null },
      ],
    ],
    ['a picture alone', [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }]],
    ['thoughts alone', [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'x' }] }]],
    ['an unknown part alone', [{ role: 'user', content: [{ type: 'hologram' }] }]],
    [
      'a tool result of a picture',
      [
        {
          role: 'user',
          content: [{ type: 'tool_result', content: [{ type: 'image', source: {} }] }],
        },
      ],
    ],
  ])('succeed with no facts and without a model call: %s', async (_what, messages) => {
    const { status, json } = await write(messages);
    expect([status, json.status, json.extracted_count, json.memories]).toEqual([
      200,
      'extracted',
      0,
      [],
    ]);
    expect(json.extraction).toMatchObject({
      llm_calls: 0,
      note: 'The messages have no text, so no model was called.',
    });
    expect(byo.providers.calls).toEqual([]);
    expect(byo.bundled.calls).toEqual([]);
  });

  it('succeed without a model call in a batch', async () => {
    const messages = [{ role: 'user', content: null }];
    const sent = await byo.call('/agent/memories/batch', {
      body: { writes: [{ messages }], llm: byo.llm('openai', 'm') },
    });
    const job = await byo.ended(`/agent/jobs/${sent.json.results[0].job_id}`);
    expect(job.json.result?.extraction?.llm_calls ?? job.json).toBe(0);
    expect(byo.providers.calls).toEqual([]);
  });
});

const call = (args: unknown) => [
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }],
  },
];

describe('a history that contains the caller’s key', () => {
  it.each([
    ['the arguments of a tool call', call(`{"token":"${CALLER_KEY}"}`)],
    ['arguments as an object', call({ token: CALLER_KEY })],
    ['the name of an argument', call({ [CALLER_KEY]: 1 })],
    [
      'the input of a tool',
      [
        {
          role: 'assistant',
          content: [{ type: 'tool_use', name: 'f', input: { deep: [[{ k: CALLER_KEY }]] } }],
        },
      ],
    ],
    [
      'a tool result',
      [
        {
          role: 'user',
          content: [
            { type: 'tool_result', content: [{ type: 'text', text: `key ${CALLER_KEY}` }] },
          ],
        },
      ],
    ],
    [
      'a part that is skipped',
      [{ role: 'user', content: [{ type: 'thinking', thinking: CALLER_KEY }] }],
    ],
    ['the type of a part', [{ role: 'user', content: [{ type: CALLER_KEY }] }]],
    ['a field that is not read', [{ role: 'user', content: 'x', reasoning_content: CALLER_KEY }]],
    ['an item of Responses', [{ type: 'function_call_output', output: CALLER_KEY }]],
    ['what a tool has answered', [{ role: 'tool', content: { rows: [{ token: CALLER_KEY }] } }]],
    ['a name in what a tool has answered', [{ role: 'tool', content: { [CALLER_KEY]: 1 } }]],
    ['a serialised message', [{ lc: 1, id: ['HumanMessage'], kwargs: { content: CALLER_KEY } }]],
    [
      'the text of a document',
      [
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'text', data: CALLER_KEY } }],
        },
      ],
    ],
    [
      'the run of an agent',
      [{ object: 'thread.message', role: 'user', content: 'x', run_id: CALLER_KEY }],
    ],
  ])('is rejected when the key is in %s', async (_where, messages) => {
    const { status, json } = await write(messages);
    expect([status, json.code]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(json)).not.toContain(CALLER_KEY);
    expect(byo.providers.calls).toEqual([]);
  });
});
