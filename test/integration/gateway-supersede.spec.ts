import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FAMILIES, type HistoryRoutes, historyRoutes, inMs } from '../support/history-routes.js';

let routes: HistoryRoutes;

beforeAll(async () => {
  routes = await historyRoutes();
});

afterAll(() => routes.close());

describe.each(FAMILIES)('%s/{id}/supersede', (family) => {
  const by = (id: string, body: unknown) => routes.post(`${family}/${id}/supersede`, body);

  it('replaces a memory, which ends where its successor begins', async () => {
    const old = await routes.saved({ valid_from: '2020-01-01T00:00:00Z' });
    const successor = await routes.saved({ valid_from: '2024-06-01T00:00:00+02:00' });
    const answer = await by(old, { superseded_by: successor });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        status: 'superseded',
        memory_id: old,
        superseded_by: successor,
        valid_to: '2024-05-31T22:00:00.000Z',
      },
    });
    expect(await routes.temporalOf(old)).toMatchObject({
      is_current: false,
      is_expired: false,
      is_superseded: true,
      superseded_by: successor,
      is_known_current: true,
    });
    expect((await routes.gateway.send(`/memories/${old}`)).json).toMatchObject({ freshness: 0 });
  });

  it('ends the memory now when the successor does not begin later', async () => {
    const old = await routes.saved({ valid_from: '2024-01-01T00:00:00Z' });
    const successor = await routes.saved({ valid_from: '2020-01-01T00:00:00Z' });
    const { json } = await by(old, { superseded_by: successor.toUpperCase() });
    expect(json).toMatchObject({ status: 'superseded', superseded_by: successor });
    expect(Math.abs(Date.parse(json.valid_to) - Date.now())).toBeLessThan(30_000);
  });

  it('ends a memory without a successor', async () => {
    const id = await routes.saved({ valid_from: '2020-01-01T00:00:00Z' });
    const answer = await by(id, { valid_to: '2021-01-01T00:00:00Z', superseded_by: null });
    expect(answer.json).toEqual({
      status: 'expired',
      memory_id: id,
      superseded_by: null,
      valid_to: '2021-01-01T00:00:00.000Z',
    });
    expect(await routes.temporalOf(id)).toMatchObject({ is_current: false, is_expired: true });
  });

  it('accepts a successor and an end in the future, and the memory stays current until then', async () => {
    const [old, successor] = [await routes.saved(), await routes.saved()];
    const valid_to = inMs(86_400_000);
    const { json } = await by(old, { superseded_by: successor, valid_to });
    expect(json).toMatchObject({ status: 'superseded', superseded_by: successor, valid_to });
    expect(await routes.temporalOf(old)).toMatchObject({ is_current: true, is_superseded: false });
    const { json: list } = await routes.gateway.send('/agent/memories?limit=1000');
    expect((list.memories as { id: string }[]).map(({ id }) => id)).toContain(old);
  });

  it.each([
    ['neither', {}],
    ['neither, said so', { superseded_by: null, valid_to: null }],
    ['a date without offset', { valid_to: '2030-01-01T00:00:00' }],
    ['an end before the beginning', { valid_to: '1999-12-31T00:00:00Z' }],
    ['a number for an id', { superseded_by: 7 }],
    ['an empty id', { superseded_by: '' }],
  ])('rejects %s as malformed', async (_, body) => {
    const id = await routes.saved({ valid_from: '2000-01-01T00:00:00Z' });
    const answer = await by(id, body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(answer.json.errors[0].path).toMatch(/^\/(superseded_by|valid_to)$/);
    expect(await routes.temporalOf(id)).toMatchObject({ valid_to: null });
  });

  it('rejects the memory itself, a circle, and a successor of another tenant', async () => {
    const [a, b, c] = [await routes.saved(), await routes.saved(), await routes.saved()];
    const blue = await routes.saved({ tenant_id: 'blue' });
    await by(a, { superseded_by: b });
    await by(b, { superseded_by: c });
    for (const superseded_by of [c, a, b, blue]) {
      expect(await by(c, { superseded_by })).toMatchObject({
        status: 422,
        json: { code: 'supersession_invalid' },
      });
    }
    expect(await routes.temporalOf(c)).toMatchObject({ superseded_by: null });
  });

  it('answers 404 to a successor that is unknown, malformed, or of another account', async () => {
    const id = await routes.saved();
    const foreign = await routes.saved({}, { key: routes.strangerKey });
    for (const superseded_by of [randomUUID(), 'nonsense', foreign]) {
      expect(await by(id, { superseded_by })).toMatchObject({
        status: 404,
        json: { code: 'not_found' },
      });
    }
  });

  it('answers 409 to all but the first of several calls', async () => {
    const old = await routes.saved();
    const successors = await Promise.all(Array.from({ length: 5 }, () => routes.saved()));
    const answers = await Promise.all(
      successors.map((superseded_by) => by(old, { superseded_by })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
    const late = await by(old, { valid_to: inMs(0) });
    expect(late).toMatchObject({ status: 409, json: { code: 'memory_not_current' } });
  });

  it('lets no two calls close a circle together', async () => {
    const [a, b] = [await routes.saved(), await routes.saved()];
    const answers = await Promise.all([by(a, { superseded_by: b }), by(b, { superseded_by: a })]);
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '422']);
  });
});

describe.each(FAMILIES)('%s/{id}/restore', (family) => {
  it('undoes a supersession, and both beliefs stay in the history', async () => {
    const [old, successor] = [await routes.saved(), await routes.saved()];
    await routes.supersede(old, { superseded_by: successor });
    const before = await routes.temporalOf(old);
    const answer = await routes.post(`${family}/${old}/restore`);
    expect(answer).toMatchObject({
      status: 200,
      json: { status: 'restored', memory_id: old, superseded_by: null, valid_to: null },
    });
    const after = await routes.temporalOf(old);
    expect(after).toMatchObject({ is_current: true, superseded_by: null, valid_to: null });
    expect(Date.parse(after.transaction_time_start)).toBeGreaterThan(
      Date.parse(before.transaction_time_start),
    );
    const then = await routes.gateway.send(
      `/agent/memories?limit=1000&transaction_as_of=${before.transaction_time_start}`,
    );
    const shown = (then.json.memories as { id: string; temporal: unknown }[]).find(
      ({ id }) => id === old,
    );
    expect(shown?.temporal).toMatchObject({
      superseded_by: successor,
      is_superseded: true,
      is_known_current: false,
      transaction_time_end: after.transaction_time_start,
    });
  });

  it('may be repeated, also without a body and for a memory that never ended', async () => {
    const id = await routes.saved();
    for (let time = 0; time < 2; time += 1) {
      const answer = await routes.gateway.send(`${family}/${id}/restore`, { method: 'POST' });
      expect(answer).toMatchObject({ status: 200, json: { status: 'restored', memory_id: id } });
    }
    expect((await routes.gateway.send(`${family}/${id}/audit`)).json.history).toHaveLength(1);
  });

  it('answers 409 with the id of the memory that holds the same fact', async () => {
    const content = `Ana lives in Lisbon, ${randomUUID()}.`;
    const old = await routes.saved({ content });
    await routes.supersede(old, { valid_to: inMs(0) });
    const standing = await routes.saved({ content });
    const answer = await routes.post(`${family}/${old}/restore`);
    expect(answer).toMatchObject({ status: 409, json: { code: 'memory_not_current' } });
    expect(answer.json.detail).toContain(standing);
    await routes.supersede(standing, { superseded_by: old });
    expect(await routes.post(`${family}/${old}/restore`)).toMatchObject({ status: 200 });
  });
});

describe('a request for the past', () => {
  it('is answered as it was believed then, by list and search alike', async () => {
    const tenant_id = `past-${randomUUID()}`;
    const acme = await routes.saved({
      content: 'Ana works at Acme.',
      tenant_id,
      valid_from: '2020-01-01T00:00:00Z',
    });
    const globex = await routes.saved({
      content: 'Ana works at Globex.',
      tenant_id,
      valid_from: '2022-01-01T00:00:00Z',
    });
    const S: string = (await routes.temporalOf(globex)).transaction_time_start;
    await routes.supersede(acme, { superseded_by: globex });
    const S2: string = (await routes.temporalOf(acme)).transaction_time_start;
    const [acmeThen, today] = ['2021-01-01T00:00:00Z', '2023-01-01T00:00:00Z'];
    const ended = true;
    const rows: readonly [Readonly<Record<string, string>>, Readonly<Record<string, boolean>>][] = [
      [{}, { [globex]: !ended }],
      [{ as_of: acmeThen }, { [acme]: ended }],
      [{ as_of: today }, { [globex]: !ended }],
      [{ transaction_as_of: S }, { [acme]: !ended, [globex]: !ended }],
      [{ transaction_as_of: S2 }, { [acme]: ended, [globex]: !ended }],
      [
        { as_of: today, transaction_as_of: S },
        { [acme]: !ended, [globex]: !ended },
      ],
      [{ as_of: today, transaction_as_of: S2 }, { [globex]: !ended }],
      [{ as_of: acmeThen, transaction_as_of: S }, { [acme]: !ended }],
    ];
    for (const [moment, expected] of rows) {
      const query = new URLSearchParams({ tenant_id, ...moment }).toString();
      const list = await routes.gateway.send(`/agent/memories?${query}`);
      const search = await routes.post('/agent/search', {
        question: 'Where does Ana work?',
        tenant_id,
        ...moment,
      });
      for (const { json } of [list, search]) {
        const memories = json.memories as { id: string; valid_to: unknown }[];
        const seen = Object.fromEntries(
          memories.map(({ id, valid_to }) => [id, valid_to !== null]),
        );
        expect({ moment, seen }).toEqual({ moment, seen: expected });
      }
    }
  });
});
