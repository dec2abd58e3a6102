import { randomUUID } from 'node:crypto';

import { aFact, aMessage, aMessagesWrite, aNewWrite, extracted } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Sent } from '../support/gateway.js';
import { tellOfErasure } from '../support/histories.js';
import { FAMILIES, type HistoryRoutes, historyRoutes, inMs } from '../support/history-routes.js';
import { SingleWrites } from '../support/single-jobs.js';

let routes: HistoryRoutes;

beforeAll(async () => {
  routes = await historyRoutes();
});

afterAll(() => routes.close());

describe.each(FAMILIES)('%s/{id}/timeline', (family) => {
  it('returns the whole chain from any member, erased memories included', async () => {
    const [a, b, c] = [
      await routes.saved({ valid_from: '2020-01-01T00:00:00Z' }),
      await routes.saved({ valid_from: '2021-01-01T00:00:00Z' }),
      await routes.saved({ valid_from: '2022-01-01T00:00:00Z' }),
    ];
    await routes.supersede(b, { superseded_by: c });
    await routes.supersede(a, { superseded_by: c });
    const timeline = async (id: string) =>
      (await routes.gateway.send(`${family}/${id}/timeline`)).json;
    const [alone] = [await routes.saved()];
    expect(await timeline(alone)).toMatchObject({ chain_length: 1, timeline: [{ id: alone }] });
    for (const id of [a, b, c]) {
      expect(await timeline(id)).toMatchObject({
        memory_id: id,
        company_id: routes.gateway.accountId,
        chain_length: 3,
        timeline: [
          { id: a, superseded_by: c, temporal: { is_superseded: true } },
          { id: b, superseded_by: c },
          { id: c, superseded_by: null, temporal: { is_current: true } },
        ],
      });
    }
    await tellOfErasure(routes.database, b);
    for (const id of [a, b, c]) {
      const { timeline: chain, chain_length } = await timeline(id);
      expect([chain_length, chain[1]]).toEqual([3, { id: b, erased: true }]);
    }
  });
});

describe.each(FAMILIES)('%s/{id}/audit', (family) => {
  it('shows the source of a fact in content mode, and its later events', async () => {
    const content = `Ana likes tea, ${randomUUID()}.`;
    const id = await routes.saved({ content, topic: 'Tea', session_id: 's-1', external_id: 'x-1' });
    const successor = await routes.saved();
    await routes.supersede(id, { superseded_by: successor });
    await routes.post(`/memories/${id}/restore`);
    await routes.supersede(id, { valid_to: '2999-01-01T00:00:00Z' });
    const { status, json } = await routes.gateway.send(`${family}/${id}/audit`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      memory_id: id,
      memory: { summary: content, decision: content, topic: 'Tea' },
      provenance: {
        source_type: 'agent',
        channel: 's-1',
        tenant_id: null,
        external_id: 'x-1',
        original_input: content,
      },
      extraction: null,
      temporal: { is_current: true, valid_to: '2999-01-01T00:00:00.000Z' },
    });
    const history = json.history as { event: string; by: string; details: unknown }[];
    expect(history.map(({ event }) => event)).toEqual([
      'memory.created',
      'memory.superseded',
      'memory.restored',
      'memory.expired',
    ]);
    expect(new Set(history.map(({ by }) => by)).size).toBe(1);
    expect(history[0]?.by).toMatch(/^[0-9a-f-]{36}$/);
    expect(history[1]?.details).toMatchObject({ superseded_by: successor });
    expect(JSON.stringify(json)).not.toContain('aurra_');
  });

  it('shows the turns and the model of a fact in messages mode', async () => {
    const writes = new SingleWrites(routes.database);
    const { id, asker } = aNewWrite({
      asker: { accountId: routes.gateway.accountId, apiKeyId: randomUUID() },
    });
    const messages = [aMessage({ content: 'I moved.' }), aMessage({ content: 'To Porto.' })];
    await writes.accept([aNewWrite({ id, asker, request: aMessagesWrite({ messages }) })]);
    const claim = await writes.claim(id, 1);
    if (claim === undefined) throw new Error('The write could not be claimed');
    const text = `Ana moved to Porto, ${randomUUID()}.`;
    await writes.complete(claim, extracted([aFact({ text, positions: [0, 1] })]));
    const { json: job } = await routes.gateway.send(`/agent/jobs/${id}`);
    const { json } = await routes.gateway.send(`${family}/${job.result.memory_ids[0]}/audit`);
    expect(json.provenance.original_input).toBe('user: I moved.\nuser: To Porto.');
    expect(Object.keys(json.extraction).toSorted()).toEqual([
      'base_url_host',
      'byo_llm',
      'extracted_at',
      'model',
      'prompt_version',
      'provider',
    ]);
  });

  it('remains after the memory is erased, without a word of its text', async () => {
    const content = `Ana has a secret, ${randomUUID()}.`;
    const id = await routes.saved({ content, tenant_id: 'blue' });
    await tellOfErasure(routes.database, id);
    for (const key of [undefined, routes.boundKey]) {
      const { status, json } = await routes.gateway.send(
        `${family}/${id}/audit`,
        key ? { key } : {},
      );
      expect(status).toBe(200);
      expect(json).toMatchObject({
        memory_id: id,
        memory: null,
        provenance: null,
        extraction: null,
        temporal: null,
        history: [{ event: 'memory.created' }, { event: 'memory.erased', by: 'system' }],
      });
      expect(JSON.stringify(json)).not.toContain('secret');
    }
    expect((await routes.gateway.send(`${family}/${id}`)).status).toBe(404);
    const otherKey = await routes.gateway.makeKey({ tenant_id: 'red' });
    for (const key of [routes.strangerKey, otherKey]) {
      for (const route of ['audit', 'timeline']) {
        expect((await routes.gateway.send(`${family}/${id}/${route}`, { key })).status).toBe(404);
      }
    }
  });
});

const allOf = (id: string, successor: string): readonly [string, Sent][] =>
  FAMILIES.flatMap((family): [string, Sent][] => [
    [`${family}/${id}/supersede`, { body: { superseded_by: successor } }],
    [`${family}/${id}/supersede`, { body: { valid_to: inMs(0) } }],
    [`${family}/${id}/restore`, { body: {} }],
    [`${family}/${id}/timeline`, {}],
    [`${family}/${id}/audit`, {}],
  ]);

describe('a caller without access', () => {
  it('sees and changes nothing: another account, a key of another tenant, an unknown or malformed id', async () => {
    const [id, successor] = [await routes.saved(), await routes.saved()];
    for (const [key, named] of [
      [routes.strangerKey, id],
      [routes.boundKey, id],
      [routes.boundKey, randomUUID()],
      [routes.boundKey, 'nonsense'],
      [routes.boundKey, `${id}%00`],
    ] as const) {
      for (const [path, sent] of allOf(named, successor)) {
        const answer = await routes.gateway.send(path, { ...sent, key });
        expect({ path, ...answer }).toMatchObject({ status: 404, json: { code: 'not_found' } });
      }
    }
    expect(await routes.temporalOf(id)).toMatchObject({ is_current: true, valid_to: null });
  });

  it('can read with a read-only key, and change nothing', async () => {
    const [id, successor] = [await routes.saved(), await routes.saved()];
    for (const [path, sent] of allOf(id, successor)) {
      const { status } = await routes.gateway.send(path, { ...sent, key: routes.readOnlyKey });
      expect({ path, status }).toEqual({ path, status: sent.body === undefined ? 200 : 403 });
    }
    expect(await routes.temporalOf(id)).toMatchObject({ is_current: true, valid_to: null });
  });

  it('can do everything within its tenant, with a key of that tenant', async () => {
    const key = routes.boundKey;
    const [old, successor] = [
      await routes.saved({ tenant_id: 'blue' }, { key }),
      await routes.saved({ tenant_id: 'blue' }, { key }),
    ];
    const elsewhere = await routes.saved();
    const other = await routes.supersede(old, { superseded_by: elsewhere }, { key });
    expect(other).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect((await routes.supersede(old, { superseded_by: successor }, { key })).status).toBe(200);
    const timeline = await routes.gateway.send(`/memories/${successor}/timeline`, { key });
    expect(timeline.json.chain_length).toBe(2);
    expect((await routes.post(`/memories/${old}/restore`, {}, { key })).status).toBe(200);
  });
});
