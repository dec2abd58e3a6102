import { afterAll, describe, expect, it } from 'vitest';

import { startSimulator } from './index.js';
import { clientsOf } from './testing/clients.js';

const simulator = await startSimulator();
afterAll(() => simulator.close());
const { openai } = clientsOf(simulator.url);
const model = 'text-embedding-3-small';

const vectorOf = async (input: string): Promise<readonly number[]> =>
  (await openai.embeddings.create({ model, input, dimensions: 8 })).data[0]?.embedding ?? [];

describe('embeddings', () => {
  it('answers one vector of length 1 for each text, in both encodings', async () => {
    const input = ['one text', 'another text'];
    const floats = await openai.embeddings.create({ model, input, encoding_format: 'float' });
    // Without an encoding the SDK asks for base64 and decodes it.
    const decoded = await openai.embeddings.create({ model, input });
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(decoded.data.map(({ embedding }) => embedding)).toEqual(
      floats.data.map(({ embedding }) => embedding),
    );
    for (const { embedding } of floats.data) {
      expect(embedding).toHaveLength(1_536);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    }
  });

  it('answers the same text with the same vector, and another text with another one', async () => {
    const first = await vectorOf('one text');
    expect(await vectorOf('one text')).toEqual(first);
    expect(await vectorOf('another text')).not.toEqual(first);
    expect(first).toHaveLength(8);
  });

  it('refuses a call without a key, as every path does', async () => {
    const response = await fetch(`${simulator.url}/v1/embeddings`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });
});

describe('a benchmark', () => {
  it('holds an answer as long as it wants to, and learns how long each one took', async () => {
    const gate = Promise.withResolvers<void>();
    const times: number[] = [];
    let held = 0;
    const own = await startSimulator({
      hold: () => {
        held += 1;
        return gate.promise;
      },
      onAnswer: (ms) => times.push(ms),
    });
    const asked = clientsOf(own.url).openai.embeddings.create({ model, input: 'one text' });
    await expect.poll(() => held).toBe(1);
    expect(times).toEqual([]);
    gate.resolve();
    await asked;
    expect(times).toHaveLength(1);
    await own.close();
  });
});
