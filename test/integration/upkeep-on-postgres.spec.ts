import { extractMemories, jobIdOf, LiveJobs } from '@app/jobs';
import { aHistory, aNewWrite } from '@app/memory/testing';
import type { NewWrite } from '@app/memory';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { storeHistories } from '../support/histories.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

let live: LiveJobs;
const outdated = aHistory({ text: 'We run v2.14.1 now.' });

const bench = await perFile(workerBench('upkeep-on-postgres'));
const use = extractionBench(bench);

beforeAll(async () => {
  live = new LiveJobs({ url: bench.connected.url });
  await storeHistories(bench.connected.database, [outdated]);
});
afterAll(async () => {
  await live.close();
});

/** A bundled write that was accepted a minute ago. */
async function aWrite(over: Partial<NewWrite> = {}): Promise<NewWrite> {
  const write = aNewWrite({ llmAccount: 'bundled', ...over });
  await use.writes.accept([write]);
  await bench.connected.database.query(
    `update writes set created_at = now() - interval '1 minute' where id = $1`,
    [write.id],
  );
  return write;
}

describe('upkeep with the queue on Postgres', () => {
  it('runs a write without a job again when the worker starts, and then knows that its job has ended', async () => {
    const { id } = await aWrite();
    const beyondRepair = await aWrite();
    await live.producer.extract([
      { v: 1, writeId: beyondRepair.id, run: 1, llmAccount: 'caller', requestId: 'r' },
    ]);
    const jobIds = [jobIdOf(beyondRepair.id, 1), jobIdOf(id, 1)];
    expect([...(await live.findAmong(extractMemories, jobIds))]).toEqual([jobIds[0]]);

    await bench.startExtraction({
      QUEUE_URL: bench.connected.url,
      LOCAL_LAUNCH: 'true',
      BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-operators-key-0123456789',
      BUNDLED_ANTHROPIC_BASE_URL: bench.simulator.url,
    });
    await use.stateIs(id, 'succeeded');
    await use.stateIs(beyondRepair.id, 'failed');
    await vi.waitFor(async () =>
      expect(await live.findAmong(extractMemories, jobIds)).toEqual(new Set()),
    );
    const [row] = await bench.connected.database.query('select run from writes where id = $1', [
      id,
    ]);
    expect(row).toEqual({ run: 2 });
  });

  it('rebuilds the search document of an older memory', async () => {
    const { database } = bench.connected;
    await vi.waitFor(async () =>
      expect(
        await database.query('select search_form from memories where id = $1', [
          outdated.memory.id,
        ]),
      ).toEqual([{ search_form: 1 }]),
    );
  });
});
