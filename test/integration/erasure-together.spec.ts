import { aFact, extracted } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { erasureBench } from '../support/erasure-bench.js';
import { perFile } from '../support/per-file.js';
import { plantedWord } from '../support/planted.js';

const bench = await perFile(erasureBench());

const erase = (url: string) => bench.gateway.send(url, { method: 'DELETE' });
const conversation = (words: readonly string[]) =>
  words.map((content) => ({ role: 'user', content }));

describe('two concurrent erasures', () => {
  it('of the memories that share a turn leave no turn behind', async () => {
    for (let round = 0; round < 10; round += 1) {
      const words = Array.from({ length: 7 }, plantedWord);
      const ids = await bench.remember(
        { messages: conversation(words), tenant_id: 'siblings' },
        [1, 2, 3, 4, 5].map((at) => aFact({ text: words[at]!, positions: [at - 1, at, at + 1] })),
      );
      const answers = await Promise.all(ids.map((id) => erase(`/memories/${id}`)));
      expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
      expect(await bench.standing(Object.fromEntries(words.map((word) => [word, word])))).toEqual(
        [],
      );
    }
  });

  it('of one memory succeed once', async () => {
    const [id = ''] = await bench.remember({ messages: conversation(['a']) }, [aFact()]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => erase(`/memories/${id}`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 404, 404, 404,
    ]);
  });

  it('of one tenant count each memory once', async () => {
    for (let write = 0; write < 4; write += 1) {
      const words = Array.from({ length: 12 }, plantedWord);
      await bench.remember(
        { messages: conversation(words), tenant_id: 'twice' },
        words.map((word, at) => aFact({ text: word, positions: [at] })),
      );
    }
    const answers = await Promise.all(
      [1, 2, 3].map(() => erase('/agent/memories?tenant_id=twice')),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const counts = answers.map(({ json }) => json.deleted_count as number);
    expect(counts.reduce((sum, count) => sum + count)).toBe(48);
  });
});

describe('an erasure during writes', () => {
  it('fails none of them, erases each completely or not at all, and keeps later ones', async () => {
    const tenant = 'busy';
    const send = async (count: number): Promise<readonly number[]> => {
      const statuses: number[] = [];
      for (let index = 0; index < count; index += 1) {
        const content = plantedWord();
        const saved = await bench.gateway.send('/agent/memories', {
          body: { content, tenant_id: tenant },
        });
        const claim = await bench
          .claim(
            await bench.write({ messages: conversation([content, content]), tenant_id: tenant }),
          )
          .catch(() => undefined);
        if (claim)
          await bench.writes.complete(
            claim,
            extracted([aFact({ text: plantedWord() }), aFact({ text: plantedWord() })]),
          );
        statuses.push(saved.status);
      }
      return statuses;
    };
    const eraseOften = async (): Promise<readonly number[]> => {
      const statuses: number[] = [];
      for (let index = 0; index < 15; index += 1)
        statuses.push((await erase(`/agent/memories?tenant_id=${tenant}`)).status);
      return statuses;
    };
    const statuses = await Promise.all([send(25), send(25), eraseOften(), eraseOften()]);
    expect(new Set(statuses.flat())).toEqual(new Set([200]));
    const orphans = await bench.database.query(
      `select from turns t where not exists (select from memories m where m.write_id = t.write_id)`,
    );
    expect(orphans).toEqual([]);
    await erase(`/agent/memories?tenant_id=${tenant}`);
    const body = { content: 'After all that.', tenant_id: tenant };
    await bench.gateway.send('/agent/memories', { body });
    const { json } = await bench.gateway.send(`/agent/memories?tenant_id=${tenant}`);
    expect(json.count).toBe(1);
  });
});
