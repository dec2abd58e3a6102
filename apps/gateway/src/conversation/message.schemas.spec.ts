import { describe, expect, it } from 'vitest';

import { findFaults } from '../http/body/find-faults.js';
import { messageSchema } from './message.schemas.js';

const warningPathsOf = (message: object) =>
  findFaults(message, messageSchema, () => false)
    .unknown.warnings()
    .map(({ path }) => path);

describe('the role of a message', () => {
  it.each([
    ['user', 'user'],
    ['Human', 'user'],
    ['assistant', 'assistant'],
    ['ai', 'assistant'],
    ['model', 'assistant'],
    ['developer', 'system'],
    ['SYSTEM', 'system'],
    ['function', 'tool'],
  ])('reads the role %s as %s', (role, ours) => {
    expect(messageSchema.parse({ role, content: 'x' })).toMatchObject({ role: ours });
  });

  it.each(['robot', '', 7, 'constructor', '__proto__'])('refuses %j', (role) => {
    const issues = messageSchema.safeParse({ role, content: 'x' }).error?.issues;
    expect(issues).toMatchObject([{ path: ['role'] }]);
  });
});

describe('the text of a message', () => {
  it('has a limit of 2 MiB, even if it is longer than the JSON that was sent', () => {
    const input = Array.from({ length: 99_999 }, () => 1e20);
    const call = { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input }] };
    expect(JSON.stringify(call).length).toBeGreaterThan(2 * 1024 * 1024);
    expect(messageSchema.safeParse(call).error?.issues).toMatchObject([{ path: ['content'] }]);
    const half = { ...call, content: [{ type: 'tool_use', input: input.slice(0, 50_000) }] };
    expect(messageSchema.safeParse(half).success).toBe(true);
  });

  it('is the kind of the content, and is marked, if the message has no text', () => {
    expect(messageSchema.parse({ role: 'user', content: [{ type: 'image' }] })).toEqual({
      role: 'user',
      content: '[image]',
      name: null,
      at: null,
      isTextless: true,
    });
    expect(messageSchema.parse({ role: 'user', content: 'x' })).not.toHaveProperty('isTextless');
  });
});

describe('a field of a message', () => {
  it('of another API causes no warning, and its value is not checked', () => {
    const message = {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'x', input: { user_id: 'ada' }, cache_control: {} }],
      tool_call_id: 'c',
      reasoning_content: [{ user_id: 'ada' }],
      tool_calls: [{ function: { name: 'f', arguments: { user_id: 'ada', mood: 1 } } }],
    };
    expect(warningPathsOf(message)).toEqual([]);
  });

  it.each([
    [
      'an item of Assistants',
      { object: 'thread.message', run_id: 'r', metadata: {}, content: 'x' },
    ],
    [
      'an entry of Mistral',
      { object: 'entry', type: 'message.output', agent_id: 'a', content: 'x' },
    ],
    ['a request of Pydantic AI', { kind: 'request', run_id: 'r', parts: [] }],
    ['an interface of the AI SDK', { metadata: { userId: 'ada' }, parts: [] }],
  ])('names an agent, not an end user, in a message of an agent API: %s', (_what, message) => {
    expect(warningPathsOf({ role: 'assistant', ...message })).toEqual([]);
  });

  it.each(['user_id', 'run_id', 'agent_id'])(
    'names an end user in any other message: %s',
    (name) => {
      const message = { role: 'user', content: 'x', [name]: 'a' };
      const { unknown } = findFaults(message, messageSchema, () => false);
      expect(unknown.faults(false)).toMatchObject([{ path: [name] }]);
    },
  );

  it('may have any name inside a tool result', () => {
    expect(
      warningPathsOf({ role: 'tool', content: { user_id: 'ada', rows: [{ mood: 1 }] } }),
    ).toEqual([]);
    expect(warningPathsOf({ role: 'user', content: { type: 'text', text: 'x', mood: 1 } })).toEqual(
      ['/content/mood'],
    );
  });

  it('that contains the message in another format causes a warning in any other message', () => {
    const fields = { source: 'web', data: 1, items: 1, from: 'a', kind: 'a', message: 'a' };
    expect(warningPathsOf({ role: 'user', content: 'x', ...fields })).toEqual(
      Object.keys(fields).map((name) => `/${name}`),
    );
    expect(warningPathsOf({ source: 'user', type: 'TextMessage', content: 'x' })).toEqual([]);
  });

  it('that is unknown causes a warning', () => {
    const message = { role: 'user', mood: 1, content: [{ type: 'text', text: 'x', mood: 1 }] };
    expect(warningPathsOf(message)).toEqual(['/mood', '/content/0/mood']);
  });
});
