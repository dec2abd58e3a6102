import { afterEach, describe, expect, it } from 'vitest';

import { type Shape, startByo } from '../support/byo.js';
import { perFile } from '../support/per-file.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon last spring.' }];

const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

/** Ids that local servers and proxies give their models. */
const IDS = [
  'Llama 3 8B Instruct',
  '模型 一号',
  'Modèle d’été (Q4_K_M)',
  'team a/gpt?x=1#2 %20&;',
  '🦙 small',
  'é'.repeat(256),
];

describe.each<Shape>(['openai', 'anthropic', 'compat/ollama'])('at %s a model', (shape) => {
  it.each(IDS)('a model may be called %j', async (model) => {
    const { status, json } = await byo.call('/agent/memories', {
      body: { messages: MESSAGES, llm: byo.llm(shape, model) },
    });
    expect([status, json.extraction?.model]).toEqual([200, model]);
    expect(byo.providers.calls.map(({ body }) => (body as { model: string }).model)).toEqual([
      model,
    ]);
    const [row] = await byo.sql('select llm_model from writes order by created_at desc limit 1');
    expect(row).toEqual({ llm_model: model });
  });

  it.each(IDS)('a model called %j is verified under its own name', async (model) => {
    const { status, json } = await byo.call('/llm/verify', {
      body: { llm: byo.llm(shape, model) },
    });
    expect([status, json.ok, json.model]).toEqual([200, true, model]);
    const [asked] = byo.providers.calls;
    expect(decodeURIComponent(asked?.path.split('/models/')[1] ?? '')).toBe(model);
  });
});

it('a model keeps its name in the answer to a question and in an error', async () => {
  const { status, json } = await byo.call('/agent/memories', {
    body: { messages: MESSAGES, llm: byo.llm('openai', 'Does not exist: does-not-exist 一') },
  });
  expect([status, json.code, json.provider?.model]).toEqual([
    422,
    'llm_model_invalid',
    'Does not exist: does-not-exist 一',
  ]);
});

it('spaces around a model’s name are removed', async () => {
  const { json } = await byo.call('/agent/memories', {
    body: { messages: MESSAGES, llm: byo.llm('openai', '  Llama 3\n') },
  });
  expect(json.extraction?.model).toBe('Llama 3');
});
