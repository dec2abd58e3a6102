import { AppError, type Failure } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { type BatchItem, readBatch as read } from './read-batch.js';

const LLM = { provider: 'openai', model: 'gpt-5-mini', key: 'sk-canary-0123456789' };
const fact = { content: 'Ada sails.' };
const conversation = { messages: [{ role: 'user', content: 'I live in London.' }] };

const readBatch = async (body: unknown, isStrict = false) => (await read(body, isStrict)).value;
const failureOf = (item: BatchItem | undefined): Failure | undefined =>
  item && 'failure' in item ? item.failure : undefined;
const askedOf = (item: BatchItem | undefined) => (item && 'asked' in item ? item.asked : undefined);

async function refusalOf(body: unknown): Promise<Failure> {
  try {
    await readBatch(body);
  } catch (error) {
    if (error instanceof AppError) return error.toFailure();
    throw error;
  }
  throw new Error('It was not refused');
}

describe('a batch', () => {
  it('is read item by item in order, with items of both modes', async () => {
    const items = await readBatch({ writes: [fact, conversation, { ...fact, tenant_id: 'blue' }] });
    expect(items.map((item) => askedOf(item)?.mode)).toEqual(['content', 'messages', 'content']);
    expect(askedOf(items[2])?.write.tenantId).toBe('blue');
  });

  it.each([false, true])(
    'reports a thousand faults, and then one for each further item (strictly: %s)',
    async (isStrict) => {
      const faulty = { messages: Array.from({ length: 30 }, () => ({ mood: 1 })) };
      const writes = Array.from({ length: 500 }, () => faulty);
      const items = await readBatch({ writes }, isStrict);
      const told = items.map((item) => failureOf(item)?.faults?.length ?? 0);
      expect(told[0]).toBeGreaterThan(50);
      expect(told.at(-1)).toBe(1);
      expect(told.reduce((sum, count) => sum + count)).toBeLessThan(2_000);
    },
  );

  it('may have a thousand items', async () => {
    expect(await readBatch({ writes: Array.from({ length: 1_000 }, () => fact) })).toHaveLength(
      1_000,
    );
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, '/writes'],
    ['no list', { writes: { 0: fact } }, '/writes'],
    ['null', { writes: null }, '/writes'],
    ['no item', { writes: [] }, '/writes'],
    ['too many items', { writes: Array.from({ length: 1_001 }, () => fact) }, '/writes'],
    ['a malformed llm', { writes: [fact], llm: { ...LLM, model: 7 } }, '/llm/model'],
    ['an end user beside its items', { writes: [fact], user_id: 'ada' }, '/user_id'],
    ['a tenant beside its items', { writes: [fact], tenant_id: 'ada' }, '/tenant_id'],
  ])('with %s is refused as a whole', async (_what, body, path) => {
    expect(await refusalOf(body)).toMatchObject({
      code: path.startsWith('/llm') ? 'llm_invalid_request' : 'invalid_request',
      faults: [{ path }],
    });
  });

  it.each([[null], [7], ['text'], [[]], [[fact]]])('cannot be %j', async (body) => {
    expect((await refusalOf(body)).code).toBe('invalid_request');
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
    ['names an end user', { ...fact, userId: 'ada' }, 'invalid_request', '/writes/1/userId'],
    ['has an unfit text', { content: 'a\0b' }, 'invalid_request', '/writes/1/content'],
    ['is nested too deeply', { ...fact, ...deep }, 'invalid_request', '/writes/1'],
    [
      'has a malformed llm',
      { ...fact, llm: { ...LLM, provider: 'nobody' } },
      'llm_invalid_request',
      '/writes/1/llm/provider',
    ],
  ])(
    'that %s is refused alone, with fault paths that begin at the body',
    async (_what, item, code, path) => {
      const items = await readBatch({ writes: [fact, item, fact] });
      expect(failureOf(items[1])).toMatchObject({ code, faults: [{ path }] });
      expect([askedOf(items[0]), askedOf(items[2])]).not.toContain(undefined);
    },
  );

  it('with an unknown field adds a warning, and is refused alone under handling=strict', async () => {
    const body = { writes: [fact, { ...fact, mood: 'good' }], note: 'x' };
    const { value, unknown } = await read(body, false);
    expect(value.map((item) => askedOf(item)?.mode)).toEqual(['content', 'content']);
    expect(unknown.warnings().map(({ path }) => path)).toEqual(['/note', '/writes/1/mood']);
    const { note: _note, ...strict } = body;
    const [first, second] = await readBatch(strict, true);
    expect(askedOf(first)).toBeDefined();
    expect(failureOf(second)).toMatchObject({ faults: [{ path: '/writes/1/mood' }] });
    await expect(read(body, true)).rejects.toThrow('`/note` is not known');
  });

  it('adds a warning for fields of the other mode and for fields that another one overrides', async () => {
    const writes = [
      { ...conversation, topic: 'Home', importance_score: 3, category: null },
      { ...fact, topic: 'Home', importance: 'low', importance_score: 3 },
    ];
    const { unknown } = await read({ writes }, false);
    expect(unknown.warnings()).toEqual([
      { path: '/writes/0/topic', message: 'is for content and was ignored' },
      { path: '/writes/0/importance_score', message: 'is for content and was ignored' },
      {
        path: '/writes/1/importance',
        message: 'counts for less than importance_score and was ignored',
      },
    ]);
    expect(failureOf((await readBatch({ writes }, true))[0])).toMatchObject({
      faults: [{ path: '/writes/0/topic' }, { path: '/writes/0/importance_score' }],
    });
  });

  it('uses the llm of the batch unless it has its own', async () => {
    const own = { ...LLM, model: 'gpt-5' };
    const items = await readBatch({
      writes: [fact, { ...fact, llm: own }, { ...fact, llm: null }],
      llm: LLM,
    });
    expect(items.map((item) => askedOf(item)?.llm?.model)).toEqual([
      'gpt-5-mini',
      'gpt-5',
      'gpt-5-mini',
    ]);
    expect(askedOf((await readBatch({ writes: [fact] }))[0])?.llm).toBeUndefined();
  });
});
