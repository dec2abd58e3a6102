import { randomUUID } from 'node:crypto';

import {
  aContentWrite,
  aFact,
  aMessage,
  aMessagesWrite,
  aNewWrite,
  aPolicy,
  extracted,
} from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

const failure = { code: 'llm_unavailable', detail: 'The provider does not answer.' } as const;

describe('accepting a write', () => {
  it('keeps all fields of the request', async () => {
    const request = aMessagesWrite({
      tenantId: 'blue',
      metadata: { team: 'red', nested: { list: [1, null] } },
      recordedAt: new Date('2021-05-01T12:30:00.123Z'),
      messages: [
        aMessage({
          at: new Date('2021-05-01T12:00:00.001Z'),
          name: 'Ana',
          content: 'a \\ "quoted" {word}, ünï 🙂',
        }),
        aMessage(),
      ],
    });
    const write = await stores.accepted({ request, waiting: true });
    expect(await stores.writes.claim(write.id, 1)).toEqual({
      id: write.id,
      run: 1,
      attempt: 1,
      asker: write.asker,
      request,
      llmAccount: 'caller',
      callersProvider: 'openai',
      deadlineAt: write.deadlineAt,
    });
    expect(await stores.row(write.id)).toMatchObject({
      llm_provider: 'openai',
      llm_model: 'gpt-5-mini',
      llm_base_url_host: 'llm.example',
    });
  });

  it('keeps a content write with its mode', async () => {
    const request = aContentWrite({
      content: 'Ana  moved.',
      validFrom: new Date('2021-05-01T12:30:00.123Z'),
      supersession: aPolicy(),
    });
    const write = await stores.accepted({ request, llmAccount: 'bundled', audit: null });
    expect(await stores.writes.claim(write.id, 1)).toMatchObject({
      request,
      llmAccount: 'bundled',
      callersProvider: null,
    });
    expect(await stores.row(write.id)).toMatchObject({ mode: 'content', state: 'running' });
  });

  it('accepts many in one statement, each like a single one', async () => {
    const many = [
      aNewWrite({ waiting: true }),
      aNewWrite({ audit: null, llmAccount: 'bundled' }),
      aNewWrite({ request: aContentWrite() }),
    ];
    await stores.writes.accept(many);
    const claims = await Promise.all(many.map(({ id }) => stores.writes.claim(id, 1)));
    expect(claims.map((claim) => claim?.asker)).toEqual(many.map((write) => write.asker));
    expect(claims.map((claim) => claim?.llmAccount)).toEqual(['caller', 'bundled', 'caller']);
    expect(claims.map((claim) => claim?.request)).toEqual(many.map(({ request }) => request));
    const waitedFor = claims.map(async (claim) => claim && stores.writes.isWaitedFor(claim));
    expect(await Promise.all(waitedFor)).toEqual([true, false, false]);
  });

  it('accepts all or none', async () => {
    const known = await stores.accepted();
    const beside = aNewWrite();
    await expect(stores.writes.accept([beside, known])).rejects.toMatchObject({
      constraint: 'writes_pk',
    });
    expect(await stores.row(beside.id)).toBeUndefined();
    await stores.writes.accept([]);
  });
});

describe('claiming a write', () => {
  it('counts the attempts of the same run only', async () => {
    const { id } = await stores.accepted();
    expect((await stores.writes.claim(id, 1))?.attempt).toBe(1);
    expect((await stores.writes.claim(id, 1))?.attempt).toBe(2);
    expect(await stores.writes.claim(id, 2)).toBeUndefined();
    expect(await stores.writes.claim(randomUUID(), 1)).toBeUndefined();
  });

  it('gives each of many concurrent attempts its own number', async () => {
    const { id } = await stores.accepted();
    const claims = await Promise.all(Array.from({ length: 6 }, () => stores.writes.claim(id, 1)));
    expect(new Set(claims.map((claim) => claim?.attempt))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  it('ends with the write', async () => {
    const claim = await stores.claimed();
    await stores.writes.fail(claim, failure);
    expect(await stores.writes.claim(claim.id, 1)).toBeUndefined();
  });
});

describe('failing a write', () => {
  it('keeps its text for a retry when no caller waits', async () => {
    const claim = await stores.claimed({ waiting: false });
    expect(await stores.writes.fail(claim, failure)).toBe(true);
    expect(await stores.row(claim.id)).toMatchObject({
      state: 'failed',
      failure,
      request: { messages: [{ role: 'user' }] },
    });
    expect(await stores.jobs.find(claim.asker.accountId, claim.id)).toMatchObject({
      state: 'failed',
      failure,
      result: null,
    });
  });

  it('erases its text when a caller waits', async () => {
    const claim = await stores.claimed({ waiting: true });
    await stores.writes.fail(claim, failure);
    expect((await stores.row(claim.id))?.['request']).toBeNull();
  });

  it('keeps its text when the caller has stopped waiting', async () => {
    const claim = await stores.claimed({ waiting: true });
    await stores.writes.stopWaiting(claim.id);
    await stores.writes.fail(claim, failure);
    expect((await stores.row(claim.id))?.['request']).not.toBeNull();
  });

  it('needs the attempt that owns the write', async () => {
    const stale = await stores.claimed();
    await stores.writes.claim(stale.id, 1);
    expect(await stores.writes.fail(stale, failure)).toBe(false);
    expect(await stores.writes.handBack(stale)).toBe(false);
    expect(await stores.writes.complete(stale, extracted([aFact()]))).toBe(false);
    expect(await stores.row(stale.id)).toMatchObject({ state: 'running', attempt: 2 });
  });
});

describe('handing back a write', () => {
  it('lets another attempt claim it', async () => {
    const claim = await stores.claimed();
    expect(await stores.writes.handBack(claim)).toBe(true);
    expect((await stores.row(claim.id))?.['state']).toBe('queued');
    expect(await stores.writes.complete(claim, extracted([aFact()]))).toBe(false);
    expect((await stores.writes.claim(claim.id, 1))?.attempt).toBe(2);
  });
});

describe('withdrawing a write', () => {
  it('fails a write that never reached the queue, without its text', async () => {
    const write = await stores.accepted();
    await stores.writes.withdraw(write.id, failure);
    expect(await stores.row(write.id)).toMatchObject({ state: 'failed', request: null, failure });
    expect(await stores.writes.claim(write.id, 1)).toBeUndefined();
  });

  it('leaves a write that a worker has claimed', async () => {
    const claim = await stores.claimed();
    await stores.writes.withdraw(claim.id, failure);
    expect(await stores.row(claim.id)).toMatchObject({ state: 'running' });
  });
});

describe('a job', () => {
  it('is found only by its own account', async () => {
    const write = await stores.accepted();
    expect(await stores.jobs.find(write.asker.accountId, write.id)).toMatchObject({
      state: 'queued',
      attempts: 0,
      startedAt: null,
      result: null,
    });
    expect(await stores.jobs.find(randomUUID(), write.id)).toBeUndefined();
    expect(await stores.jobs.find(write.asker.accountId, 'nonsense')).toBeUndefined();
  });
});
