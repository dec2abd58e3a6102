import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { RequestPipe } from '../http/body/request.pipe.js';
import { RequestBody } from '../http/body/request-body.js';
import { type Remember, rememberSchema } from './remember.schemas.js';

const pipe = new RequestPipe();
const sendBytes = (bytes: Buffer): Promise<Remember> =>
  pipe.transform<unknown>(new RequestBody(bytes, { schema: rememberSchema }, false), {
    type: 'body',
    schema: rememberSchema,
  }) as Promise<Remember>;
const send = (body: unknown): Promise<Remember> => sendBytes(Buffer.from(JSON.stringify(body)));

/** The code and the paths of the error for a refused body. */
async function refused(body: unknown): Promise<{ code: string; paths: string[]; said: string }> {
  const error: unknown = await send(body).catch((caught: unknown) => caught);
  const {
    code,
    message,
    faults = [],
  } = error as {
    code: string;
    message: string;
    faults?: { path: string; message: string }[];
  };
  return { code, paths: faults.map(({ path }) => path), said: JSON.stringify([message, faults]) };
}

const user = (content: unknown) => ({ role: 'user', content });
const LLM = { provider: 'openai', model: 'gpt-5-mini', key: 'sk-canary-0123456789' };

describe('a write in content mode', () => {
  it('has defaults', async () => {
    expect(await send({ content: 'Ada lives in London.', unknown: 1 })).toEqual({
      mode: 'content',
      llm: undefined,
      write: {
        content: 'Ada lives in London.',
        topic: 'General',
        category: 'other',
        importance: 5,
        source: 'agent',
        tenantId: null,
        sessionId: null,
        externalId: null,
        metadata: {},
        validFrom: null,
        recordedAt: null,
      },
    });
  });

  it.each([
    [{ importance: 'low' }, 2],
    [{ importance: 'high' }, 8],
    [{ importance: 'high', importance_score: 3 }, 3],
  ])('reads the importance of %j', async (fields, importance) => {
    expect(await send({ content: 'x', ...fields })).toMatchObject({ write: { importance } });
  });

  it('keeps metadata unchanged, under any names', async () => {
    const metadata = { constructor: 'x', prototype: 1, deep: [{ a: null }] };
    expect(await send({ content: 'x', metadata })).toMatchObject({ write: { metadata } });
  });

  it('accepts content of up to 32 KiB, in bytes', async () => {
    await expect(send({ content: 'é'.repeat(16 * 1024) })).resolves.toMatchObject({
      mode: 'content',
    });
    expect(await refused({ content: `${'é'.repeat(16 * 1024)}x` })).toMatchObject({
      paths: ['/content'],
    });
  });
});

describe('a write in messages mode', () => {
  it('joins the parts of a message, and keeps its role and time', async () => {
    const parts = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ];
    const messages = [{ ...user(parts), name: 'Ada', at: '2026-05-01T09:00:00+02:00' }];
    expect(await send({ messages, tenant_id: '' })).toMatchObject({
      mode: 'messages',
      write: {
        source: 'agent_session',
        tenantId: null,
        messages: [
          { role: 'user', content: 'one\ntwo', name: 'Ada', at: new Date('2026-05-01T07:00:00Z') },
        ],
      },
    });
  });

  it('turns the key into a CallerKey, which does not print', async () => {
    const { llm } = await send({ messages: [user('hi')], llm: LLM });
    expect(llm?.key).toBeInstanceOf(CallerKey);
    expect(llm?.key.reveal()).toBe(LLM.key);
  });

  it('wipes the key from the bytes of the request body', async () => {
    const bytes = Buffer.from(JSON.stringify({ messages: [user('hi')], llm: LLM }));
    await sendBytes(bytes);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

describe('a dry run', () => {
  const dry = { messages: [user('hi')], dry_run: true };

  it('turns supersession off, even if the body asks for it', async () => {
    expect(await send({ ...dry, auto_supersede: true })).toMatchObject({
      autoSupersede: false,
      write: { dryRun: true },
    });
  });

  it.each([{}, { dry_run: false }, { dry_run: null }])(
    'is not what %j asks for',
    async (fields) => {
      expect(await send({ messages: [user('hi')], auto_supersede: true, ...fields })).toMatchObject(
        { autoSupersede: true, write: { dryRun: false } },
      );
      expect(await send({ content: 'x', ...fields })).toMatchObject({ mode: 'content' });
    },
  );
});

describe('a refused write names the path of its fault', () => {
  it.each([
    [{}, '/content'],
    [{ content: 'x', messages: [user('y')] }, '/messages'],
    [{ content: '  ' }, '/content'],
    [{ messages: [] }, '/messages'],
    [{ messages: Array.from({ length: 1_001 }, () => user('x')) }, '/messages'],
    [{ messages: [user('x'), { role: 'robot', content: 'x' }] }, '/messages/1/role'],
    [{ messages: [user(5)] }, '/messages/0/content'],
    [{ messages: [user([{ type: 'text', text: 'x' }, {}])] }, '/messages/0/content/1/type'],
    [{ messages: [user([{ type: 'text' }])] }, '/messages/0/content/0/text'],
    [{ messages: [user([7])] }, '/messages/0/content/0'],
    [{ messages: [user([{ type: 7 }])] }, '/messages/0/content/0/type'],
    [{ messages: [{ role: 'user' }] }, '/messages/0/content'],
    [{ messages: [{ content: 'x' }] }, '/messages/0/role'],
    [{ messages: [{ role: 'assistant', tool_calls: [{}], parts: 'x' }] }, '/messages/0/parts'],
    [{ messages: [user('NUL \0')] }, '/messages/0/content'],
    [
      { messages: [user([{ type: 'tool_use', name: 'f', input: { a: ['\ud800'] } }])] },
      '/messages/0/content/0/input/a/0',
    ],
    [{ messages: [{ ...user('x'), name: 'n'.repeat(257) }] }, '/messages/0/name'],
    [{ messages: [{ ...user('x'), tool_calls: 'f()' }] }, '/messages/0/tool_calls'],
    [{ messages: [{ ...user('x'), tool_calls: ['f()'] }] }, '/messages/0/tool_calls/0'],
    [{ messages: [{ ...user('x'), function_call: 'auto' }] }, '/messages/0/function_call'],
    [{ content: 'x', importance_score: 11 }, '/importance_score'],
    [{ content: 'x', importance_score: 1.5 }, '/importance_score'],
    [{ content: 'x', category: 'food' }, '/category'],
    [{ content: 'x', valid_from: '2026-05-01T09:00:00' }, '/valid_from'],
    [{ content: 'x', valid_from: '0000-05-01T09:00:00Z' }, '/valid_from'],
    [{ content: 'x', recorded_at: '9999-12-31T23:00:00-10:00' }, '/recorded_at'],
    [{ content: 'x', metadata: { a: 'x'.repeat(8_200) } }, '/metadata'],
    [{ content: 'x', metadata: { 'a/b': { '~': 'NUL \0' } } }, '/metadata/a~1b/~0'],
    [{ content: 'half \ud83d' }, '/content'],
    [{ content: 'x', tenant_id: '*' }, '/tenant_id'],
    [{ content: 'x', dry_run: true }, '/dry_run'],
    ['text', ''],
    [null, ''],
  ])('%#: %j', async (body, path) => {
    expect(await refused(body)).toMatchObject({ code: 'invalid_request', paths: [path] });
  });

  it.each([
    [{ ...LLM, provider: 'nobody' }, '/llm/provider'],
    [{ ...LLM, colour: 'red' }, '/llm/colour'],
    [{ provider: 'openai', model: 'm' }, '/llm/key'],
    [{ ...LLM, base_url: 'http://u:p@h' }, '/llm/base_url'],
    ['openai', '/llm'],
  ])('has the code llm_invalid_request where only llm has a fault: %j', async (llm, path) => {
    expect(await refused({ content: 'x', llm })).toMatchObject({
      code: 'llm_invalid_request',
      paths: [path],
    });
  });

  it('and quotes no value, and no name that might be one', async () => {
    const { said } = await refused({
      content: 'x',
      category: 'canary-value',
      llm: { ...LLM, key: 'bad\ncanary', 'sk-Canary-9': 1 },
    });
    expect(said).not.toMatch(/canary/i);
  });

  it.each(['{"content": "canary', '', '\ufeff{', '"\\'])(
    'malformed JSON %j gets a fixed text',
    async (text) => {
      const error: unknown = await sendBytes(Buffer.from(text)).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        code: 'invalid_request',
        message: expect.not.stringContaining('canary'),
      });
    },
  );

  it('refuses bytes that are not UTF-8 as malformed JSON', async () => {
    await expect(sendBytes(Buffer.from([0x22, 0xff, 0x22]))).rejects.toMatchObject({
      faults: [{ path: '', message: 'is not valid JSON' }],
    });
  });
});
