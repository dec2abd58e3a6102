import { describe, expect, it } from 'vitest';

import { findFaults } from '../http/find-faults.js';
import { messageSchema } from './message.schemas.js';

const toldOf = (message: object) =>
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
  ])('%s is read as %s', (role, ours) => {
    expect(messageSchema.parse({ role, content: 'x' })).toMatchObject({ role: ours });
  });

  it.each(['robot', '', 7, 'constructor', '__proto__'])('%j is none', (role) => {
    const issues = messageSchema.safeParse({ role, content: 'x' }).error?.issues;
    expect(issues).toMatchObject([{ path: ['role'] }]);
  });
});

describe('the text of a message', () => {
  it('is at most 2 MiB, also where it is longer than what was sent', () => {
    const input = Array.from({ length: 99_999 }, () => 1e20);
    const call = { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input }] };
    expect(JSON.stringify(call).length).toBeGreaterThan(2 * 1024 * 1024);
    expect(messageSchema.safeParse(call).error?.issues).toMatchObject([{ path: ['content'] }]);
    const half = { ...call, content: [{ type: 'tool_use', input: input.slice(0, 50_000) }] };
    expect(messageSchema.safeParse(half).success).toBe(true);
  });

  it('is marked where it is none', () => {
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
  it('of another API is not warned of, and what is in it is not looked at', () => {
    const message = {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'x', input: { user_id: 'ada' }, cache_control: {} }],
      tool_call_id: 'c',
      reasoning_content: [{ user_id: 'ada' }],
      tool_calls: [{ function: { name: 'f', arguments: { user_id: 'ada', mood: 1 } } }],
    };
    expect(toldOf(message)).toEqual([]);
  });

  it('that is known nowhere is told of', () => {
    const message = { role: 'user', mood: 1, content: [{ type: 'text', text: 'x', mood: 1 }] };
    expect(toldOf(message)).toEqual(['/mood', '/content/0/mood']);
  });
});
