import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Product, startProduct } from '../support/product.js';

interface Session {
  readonly session_id: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const { sessions } = JSON.parse(
  readFileSync('scripts/demo/personamem/alex-martinez.json', 'utf8'),
) as { readonly sessions: readonly Session[] };

interface LogLine {
  readonly message: string;
  readonly requestId?: string;
  readonly jobId?: string;
}

const KEY = 'sk-e2e-journey-0123456789abcdef';

/** The four shapes in which a caller may bring a model. */
const targets = (simulator: string): Record<string, object> => ({
  anthropic: { provider: 'anthropic', model: 'claude-opus-4-7', key: KEY, base_url: simulator },
  openai: { provider: 'openai', model: 'gpt-5', key: KEY, base_url: `${simulator}/v1` },
  azure: {
    provider: 'azure',
    model: 'my-deployment',
    key: KEY,
    base_url: simulator,
    extra: { api_version: '2024-10-21' },
  },
  'an OpenAI-compatible host': {
    provider: 'openai',
    model: 'llama3.3',
    key: KEY,
    base_url: `${simulator}/compat/ollama/v1`,
  },
});

describe.each(['redis', 'postgres'] as const)(
  'a conversation in, a cited answer out, with the queue on %s',
  (queue) => {
    let product: Product;

    beforeAll(async () => {
      product = await startProduct({ queue, environment: { LOG_LEVEL: 'trace' } });
    });
    afterAll(() => product.stop());

    describe.each(Object.keys(targets('')))('on %s', (shape) => {
      const tenant = shape.replaceAll(' ', '-');
      let llm: object;
      let written: Awaited<ReturnType<Product['call']>>;

      beforeAll(async () => {
        llm = targets(product.simulator.url)[shape]!;
        const session = sessions[Object.keys(targets('')).indexOf(shape)]!;
        written = await product.call('/agent/memories', {
          body: { ...session, tenant_id: tenant, recorded_at: '2024-05-01T10:00:00Z', llm },
        });
      });

      it('extracts facts from a real session, each with the turns that it came from', () => {
        expect(written).toMatchObject({ status: 200 });
        expect(written.json).toMatchObject({
          status: 'extracted',
          tenant_id: tenant,
          extraction: { byo_llm: true },
        });
        expect(written.json.memory_ids.length).toBeGreaterThan(0);
        expect(written.json.saved_count).toBe(written.json.memory_ids.length);
        expect(written.json.memories[0].source_citation.original_message).not.toBe('');
      });

      it('calls the provider with the caller’s key, and with nothing of the operator’s environment', () => {
        const sent = product.simulator.calls.map(({ headers }) => JSON.stringify(headers));
        expect(sent.length).toBeGreaterThan(0);
        for (const headers of sent) {
          expect(headers).toContain(KEY);
          expect(headers).not.toContain('poison');
        }
      });

      it('answers a question and cites the memory behind the answer', async () => {
        const known = written.json.memories.toSorted(
          (a: { decision: string }, b: { decision: string }) =>
            b.decision.length - a.decision.length,
        )[0];
        const asked = await product.call('/agent/query', {
          body: { question: `What is known of this: ${known.decision}`, tenant_id: tenant, llm },
        });
        expect(asked).toMatchObject({ status: 200 });
        expect(asked.json).toMatchObject({ grounded: true, generation: { byo_llm: true } });
        expect(asked.json.citations[0]).toMatchObject({
          index: 1,
          memory_id: known.id,
          cited_by_llm: true,
        });
        expect(asked.json.answer_with_citations).toContain('[mem-1]');
        expect(asked.json.answer).not.toContain('[mem-');
      });

      it('finds nothing for another tenant, and makes no model call', async () => {
        const before = product.simulator.calls.length;
        const asked = await product.call('/agent/query', {
          body: { question: 'Which books does Alex like?', tenant_id: `${tenant}-other`, llm },
        });
        expect(asked.json).toMatchObject({
          grounded: false,
          citations: [],
          memories: [],
          generation: { llm_calls: 0 },
        });
        expect(product.simulator.calls).toHaveLength(before);
      });
    });

    it('answers 202 at once under Prefer: respond-async, and the job has the result', async () => {
      const llm = targets(product.simulator.url)['openai'];
      const accepted = await product.call('/agent/memories', {
        body: {
          messages: [
            { role: 'user', name: 'Dana', content: 'I moved to Lisbon and I work at Globex.' },
          ],
          tenant_id: 'async',
          llm,
        },
        headers: { prefer: 'respond-async' },
      });
      expect(accepted).toMatchObject({ status: 202 });
      expect(accepted.headers.get('preference-applied')).toBe('respond-async');
      const location = accepted.headers.get('location') ?? '';
      expect(location).toBe(`/agent/jobs/${accepted.json.job_id}`);
      const job = await untilEnded(product, location);
      expect(job).toMatchObject({ kind: 'write', state: 'succeeded', attempts: 1, error: null });
      expect(job.result.memories[0].source_citation.original_message).toContain('Lisbon');
    });

    it('answers an asynchronous query through its job', async () => {
      const llm = targets(product.simulator.url)['anthropic'];
      await product.call('/agent/memories', {
        body: { content: 'Dana keeps two cats.', tenant_id: 'async-query' },
      });
      const accepted = await product.call('/agent/query', {
        body: { question: 'How many cats does Dana keep?', tenant_id: 'async-query', llm },
        headers: { prefer: 'respond-async' },
      });
      expect(accepted).toMatchObject({ status: 202 });
      const job = await untilEnded(product, accepted.headers.get('location') ?? '');
      expect(job).toMatchObject({ kind: 'query', state: 'succeeded' });
      expect(job.result.answer_with_citations).toContain('[mem-1]');
    });

    it('writes the caller’s trace id into the logs of the workers, and sends it to no provider', async () => {
      const traceId = randomBytes(16).toString('hex');
      const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
      const llm = targets(product.simulator.url)['openai'];
      const before = product.simulator.calls.length;
      const written = await product.call('/agent/memories', {
        body: { messages: [{ role: 'user', content: 'I keep bees.' }], tenant_id: 'trace', llm },
        headers: { traceparent, 'x-request-id': `trace-${queue}` },
      });
      expect(written).toMatchObject({ status: 200 });
      expect(written.headers.get('x-request-id')).toBe(`trace-${queue}`);
      const asked = await product.call('/agent/query', {
        body: { question: 'Who keeps bees?', tenant_id: 'trace', llm },
        headers: { traceparent },
      });
      expect(asked.headers.get('server-timing')).toMatch(/^llm;dur=(?!0\.0,)[\d.]+, db;dur=/);

      // The log of a process arrives a moment after its answer.
      await vi.waitFor(() => {
        const lines = product
          .logs()
          .split('\n')
          .filter((line) => line.includes(traceId))
          .map((line): LogLine => JSON.parse(line));
        for (const line of lines) expect(line).toMatchObject({ traceparent });
        expect(lines.map(({ requestId }) => requestId)).toContain(`trace-${queue}`);
        const own = lines.filter(({ jobId }) => jobId === undefined);
        expect(own.map(({ message }) => message)).toContainEqual(
          expect.stringMatching(/^POST \/agent\/memories 200 in /),
        );
        // One job of each worker.
        expect(new Set(lines.flatMap(({ jobId }) => jobId ?? [])).size).toBe(2);
      });

      const calls = product.simulator.calls.slice(before);
      expect(calls.length).toBeGreaterThan(1);
      for (const call of calls) {
        expect(JSON.stringify(call)).not.toContain(traceId);
        expect(Object.keys(call.headers)).not.toContain('traceparent');
      }
    });

    it('stores a fact once', async () => {
      const body = { content: 'Dana prefers green tea.', tenant_id: 'twice' };
      const first = await product.call('/agent/memories', { body });
      const second = await product.call('/agent/memories', {
        body: { ...body, content: '  dana PREFERS green  tea.' },
      });
      expect(first.json).toMatchObject({ status: 'saved' });
      expect(second.json).toMatchObject({ status: 'duplicate', memory_id: first.json.memory_id });
    });
  },
);

// oxlint-disable-next-line typescript/no-explicit-any
async function untilEnded(product: Product, location: string): Promise<any> {
  for (;;) {
    const { json } = await product.call(location);
    if (json.state !== 'queued' && json.state !== 'running') return json;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
