import { describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const gateway = await perFile(startGateway());

describe('a search over HTTP', () => {
  it.each([
    ['Größmann aus Köln liebt Käsespätzle.', 'Wer liebt Kasespatzle?'],
    ['Íñigo trabaja en León.', '¿Donde trabaja Inigo?'],
    ['私の猫の名前はミケです。', '猫の名前は?'],
    ['我住在北京。', '谁住在北京?'],
    ['أحمد يعمل في القاهرة.', 'أين يعمل احمد؟'],
    ['เธออาศัยอยู่ในกรุงเทพ', 'กรุงเทพ'],
    ['Ana loves🐈ラーメン in München.', 'ラーメン in Munchen 🐈?'],
  ])('finds %s', async (content, question) => {
    const tenant_id = content;
    const saved = await gateway.send('/agent/memories', { body: { content, tenant_id } });
    await gateway.send('/agent/memories', { body: { content: 'Nothing of it.', tenant_id } });
    const { json } = await gateway.send('/agent/search', { body: { question, tenant_id } });
    expect(json).toMatchObject({
      question,
      memories_searched: 2,
      citations: [{ memory_id: saved.json.memory_id, decision: content }],
    });
    expect(json.citations).toHaveLength(1);
    // The same without an answer, and without how it was generated.
    expect(Object.keys(json).toSorted()).toEqual([
      'as_of',
      'citations',
      'company_id',
      'memories',
      'memories_searched',
      'question',
      'transaction_as_of',
      'truncated',
    ]);
  });
});
