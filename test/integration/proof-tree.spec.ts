import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';

import { startByo } from '../support/byo.js';
import { perFile } from '../support/per-file.js';

const QUESTION = 'Where does Müller keep her two cats? 猫 🐈';
let key: string;
let extracted: string;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const ask = { question: QUESTION, include_proof_tree: true };
const llm = (): object => bench.llm('openai', 'gpt-4.1');

const bench = await perFile(startByo());

beforeAll(async () => {
  key = await bench.gateway.makeKey({});
  const messages = [
    { role: 'user', content: 'My two cats sleep on the piano in Köln.', name: 'Müller' },
    { role: 'assistant', content: 'How nice for the cats.' },
  ];
  const written = await bench.call('/agent/memories', {
    apiKey: key,
    body: { messages, source: 'chat', llm: llm() },
  });
  extracted = written.json.memory_ids[0];
  await bench.call('/agent/memories', {
    apiKey: key,
    body: { content: 'Müller keeps two cats, and both sleep on the piano. 猫' },
  });
});

// The shape on the wire, as a client receives it.
// oxlint-disable-next-line typescript/no-explicit-any
function expectProof(answer: any): void {
  const { proof_tree: proof, citations, memories } = answer;
  expect(citations.length).toBeGreaterThanOrEqual(2);
  expect(Object.keys(proof)).toEqual([
    'version',
    'retrieval',
    'evidence',
    'temporal',
    'supersession',
    'answer_sha256',
  ]);
  expect(proof.retrieval).toMatchObject({
    method: 'full_text',
    limit: 10,
    tenant_id: null,
    sources: null,
    metadata: null,
    as_of: null,
    transaction_as_of: null,
    memories_searched: answer.memories_searched,
    retrieved: citations.length,
    cited: citations.filter((one: { cited_by_llm: boolean }) => one.cited_by_llm).length,
  });
  for (const [place, citation] of citations.entries()) {
    const memory = memories[place];
    expect(proof.evidence[place]).toMatchObject({
      index: citation.index,
      memory_id: citation.memory_id,
      fact_sha256: sha256(citation.decision),
      original_message_sha256: sha256(memory.source_citation.original_message),
      cited: citation.cited_by_llm,
      similarity: citation.similarity,
    });
    expect(proof.temporal[place]).toEqual({
      memory_id: citation.memory_id,
      as_of: null,
      transaction_as_of: null,
      valid_from: memory.valid_from,
      valid_to: memory.valid_to,
      transaction_time_start: memory.temporal.transaction_time_start,
      transaction_time_end: memory.temporal.transaction_time_end,
      standing: 'current',
    });
    expect(proof.supersession[place]).toMatchObject({ memory_id: citation.memory_id });
  }
  for (const list of [proof.evidence, proof.temporal, proof.supersession])
    expect(list).toHaveLength(citations.length);
}

describe('the proof tree of an answer', () => {
  it('can be recomputed from the answer alone', async () => {
    const { status, json } = await bench.call('/agent/query', {
      apiKey: key,
      body: { ...ask, llm: llm() },
    });
    expect(status).toBe(200);
    expectProof(json);
    expect(json.answer_with_citations).toContain('[mem-');
    expect(json.proof_tree.answer_sha256).toBe(sha256(json.answer_with_citations));
    expect(json.proof_tree.retrieval.cited).toBeGreaterThan(0);
    const place = json.citations.findIndex(
      ({ memory_id }: { memory_id: string }) => memory_id === extracted,
    );
    const { original_message } = json.memories[place].source_citation;
    expect(json.proof_tree.evidence[place].turns).toEqual([
      { turn_id: expect.any(String), sha256: sha256(original_message) },
    ]);
  });

  it('is in the result of an asynchronous job', async () => {
    const accepted = await bench.call('/agent/query', {
      apiKey: key,
      body: { ...ask, llm: llm() },
      headers: { prefer: 'respond-async' },
    });
    const { json: job } = await bench.ended(accepted.headers['location']);
    expect(job).toMatchObject({ kind: 'query', state: 'succeeded' });
    expectProof(job.result);
    expect(job.result.proof_tree.answer_sha256).toBe(sha256(job.result.answer_with_citations));
  });

  it('is in the last event of a stream', async () => {
    const { body, statusCode } = await bench.gateway.app.inject({
      method: 'POST',
      url: '/agent/query',
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      payload: { ...ask, llm: llm() },
    });
    expect(statusCode).toBe(200);
    const [, data = ''] = /^event: answer\ndata: (.+)$/m.exec(body) ?? [];
    const answer = JSON.parse(data);
    expectProof(answer);
    expect(answer.proof_tree.answer_sha256).toBe(sha256(answer.answer_with_citations));
  });

  it('has no answer hash for a search', async () => {
    const { json } = await bench.call('/agent/search', { apiKey: key, body: ask });
    expectProof(json);
    expect(json.proof_tree.answer_sha256).toBeNull();
    expect(json.proof_tree.retrieval.cited).toBe(0);
  });

  it('contains the fixed sentence when nothing is found', async () => {
    const body = { ...ask, tenant_id: 'empty', llm: llm() };
    const { json } = await bench.call('/agent/query', { apiKey: key, body });
    expect(json.proof_tree).toMatchObject({ evidence: [], temporal: [], supersession: [] });
    expect(json.proof_tree.answer_sha256).toBe(sha256(json.answer_with_citations));
  });

  it.each([undefined, false, null])(
    'is absent unless it is requested: %s',
    async (include_proof_tree) => {
      const body = { question: QUESTION, include_proof_tree };
      const search = await bench.call('/agent/search', { apiKey: key, body });
      expect(search.json).not.toHaveProperty('proof_tree');
      const query = await bench.call('/agent/query', {
        apiKey: key,
        body: { ...body, llm: llm() },
      });
      expect(query.json).not.toHaveProperty('proof_tree');
    },
  );
});

const remember = async (content: string): Promise<string> =>
  (await bench.call('/agent/memories', { apiKey: key, body: { content, tenant_id: 'jobs' } })).json
    .memory_id;
const prove = async (moment: object) => {
  const body = { question: 'Where does Ana work?', tenant_id: 'jobs', ...moment };
  const { json } = await bench.call('/agent/search', {
    apiKey: key,
    body: { ...body, include_proof_tree: true },
  });
  return json.proof_tree;
};

describe('the proof tree of a memory that superseded another', () => {
  it('names the other and the verdict, but not before they were known', async () => {
    const older = await remember('Ana works at Acme.');
    const newer = await remember('Ana works at Globex.');
    const [{ before } = {}] = await bench.sql('select clock_timestamp() as before');
    await bench.sql('select pg_sleep(0.05)');
    await bench.sql(
      `with closed as (update memory_versions set believed_to = now() where memory_id = $1 returning *),
            ended as (update memories set valid_to = now(), current = false where id = $1)
       insert into memory_versions (memory_id, account_id, valid_from, valid_to, superseded_by, believed_from)
       select memory_id, account_id, valid_from, now(), $2, believed_to from closed`,
      [older, newer],
    );
    await bench.sql(
      `insert into classifications (memory_id, candidate_id, account_id, verdict, confidence, reasoning, model, classified_at)
       values ($1, $2, $3, 'supersedes', 0.97, 'Ana is said to work there.', 'claude-haiku-4-5-20251001', now())`,
      [newer, older, bench.gateway.accountId],
    );
    const verdict = {
      memory_id: newer,
      candidate_id: older,
      verdict: 'supersedes',
      confidence: 0.97,
      model: 'claude-haiku-4-5-20251001',
      classified_at: expect.any(String),
    };
    const now = await prove({});
    expect(now.supersession).toEqual([
      {
        memory_id: newer,
        superseded_by: null,
        supersedes: [{ memory_id: older, valid_to: expect.any(String) }],
        verdicts: [verdict],
        truncated: false,
      },
    ]);
    expect(JSON.stringify(now)).not.toContain('is said to work');

    const then = await prove({ transaction_as_of: (before as Date).toISOString() });
    expect(then.retrieval.transaction_as_of).toBe((before as Date).toISOString());
    expect(then.supersession).toHaveLength(2);
    for (const one of then.supersession)
      expect(one).toMatchObject({ superseded_by: null, supersedes: [], verdicts: [] });
    const shown = then.temporal.find(({ memory_id }: { memory_id: string }) => memory_id === older);
    expect(shown).toMatchObject({ transaction_time_end: expect.any(String), valid_to: null });
  });
});
