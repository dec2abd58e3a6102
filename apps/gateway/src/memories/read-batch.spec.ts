import { AppError, type Failure } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { type BatchItem, readBatch } from './read-batch.js';

const LLM = { provider: 'openai', model: 'gpt-5-mini', key: 'sk-canary-0123456789' };
const fact = { content: 'Ada sails.' };
const conversation = { messages: [{ role: 'user', content: 'I live in London.' }] };

const failureOf = (item: BatchItem | undefined): Failure | undefined =>
  item && 'failure' in item ? item.failure : undefined;
const askedOf = (item: BatchItem | undefined) => (item && 'asked' in item ? item.asked : undefined);

function refusalOf(body: unknown): Failure {
  try {
    readBatch(body);
  } catch (error) {
    if (error instanceof AppError) return error.toFailure();
    throw error;
  }
  throw new Error('It was not refused');
}

describe('a batch', () => {
  it('is read item by item, in their order and of both modes', () => {
    const items = readBatch({ writes: [fact, conversation, { ...fact, tenant_id: 'blue' }] });
    expect(items.map((item) => askedOf(item)?.mode)).toEqual(['content', 'messages', 'content']);
    expect(askedOf(items[2])?.write.tenantId).toBe('blue');
  });

  it('may have a thousand items', () => {
    expect(readBatch({ writes: Array.from({ length: 1_000 }, () => fact) })).toHaveLength(1_000);
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, '/writes'],
    ['no list', { writes: { 0: fact } }, '/writes'],
    ['null', { writes: null }, '/writes'],
    ['no item', { writes: [] }, '/writes'],
    ['too many items', { writes: Array.from({ length: 1_001 }, () => fact) }, '/writes'],
    ['a malformed llm', { writes: [fact], llm: { ...LLM, model: 7 } }, '/llm/model'],
    ['an unfit text beside its items', { writes: [fact], note: 'a\0b' }, '/note'],
  ])('with %s is refused as a whole', (_what, body, path) => {
    expect(refusalOf(body)).toMatchObject({
      code: path.startsWith('/llm') ? 'llm_invalid_request' : 'invalid_request',
      faults: [{ path }],
    });
  });

  it.each([[null], [7], ['text'], [[]], [[fact]]])('is no %j', (body) => {
    expect(refusalOf(body).code).toBe('invalid_request');
  });
});

describe('an item of a batch', () => {
  const deep = JSON.parse(`{"metadata":${'{"a":'.repeat(70)}"x"${'}'.repeat(70)}}`) as object;

  it.each<[string, unknown, Failure['code'], string]>([
    ['is no object', 7, 'invalid_request', '/writes/1'],
    ['is null', null, 'invalid_request', '/writes/1'],
    ['is empty', {}, 'invalid_request', '/writes/1/content'],
    ['is of two modes', { ...fact, ...conversation }, 'invalid_request', '/writes/1/messages'],
    [
      'has an unknown role',
      { messages: [{ role: 'you', content: 'x' }] },
      'invalid_request',
      '/writes/1/messages/0/role',
    ],
    ['has an unfit text', { content: 'a\0b' }, 'invalid_request', '/writes/1/content'],
    ['is nested too deeply', { ...fact, ...deep }, 'invalid_request', '/writes/1'],
    [
      'has a malformed llm',
      { ...fact, llm: { ...LLM, provider: 'nobody' } },
      'llm_invalid_request',
      '/writes/1/llm/provider',
    ],
  ])('that %s is refused alone, its places those of the body', (_what, item, code, path) => {
    const items = readBatch({ writes: [fact, item, fact] });
    expect(failureOf(items[1])).toMatchObject({ code, faults: [{ path }] });
    expect([askedOf(items[0]), askedOf(items[2])]).not.toContain(undefined);
  });

  it('has the batch’s model, unless it brings its own', () => {
    const own = { ...LLM, model: 'gpt-5' };
    const items = readBatch({
      writes: [fact, { ...fact, llm: own }, { ...fact, llm: null }],
      llm: LLM,
    });
    expect(items.map((item) => askedOf(item)?.llm?.model)).toEqual([
      'gpt-5-mini',
      'gpt-5',
      'gpt-5-mini',
    ]);
    expect(askedOf(readBatch({ writes: [fact] })[0])?.llm).toBeUndefined();
  });
});
