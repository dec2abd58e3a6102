import { describe, expect, it } from 'vitest';

import { argumentsOf } from './add-jobs.js';

/** The numbers of jobs in the runs of the script that add payloads of these lengths. */
function jobsOfRuns(lengths: readonly number[]): readonly number[] {
  const jobs = lengths.map((length, index) => ({
    id: `job.${index}`,
    data: { accountId: 'ada', question: 'a'.repeat(length) },
  }));
  const added = { name: 'a-job', options: { attempts: 1 }, jobs };
  return argumentsOf({ '': 'jobs:' }, 'places', added).map(
    (run) => run.filter((argument) => argument === 'ada').length,
  );
}

describe('one run of the script', () => {
  it('adds at most 500 jobs', () => {
    expect(jobsOfRuns(Array.from({ length: 1_001 }, () => 1))).toEqual([500, 500, 1]);
  });

  it('adds at most a mebibyte of payloads, or one payload that is larger', () => {
    expect(jobsOfRuns([500_000, 500_000, 500_000, 2_000_000, 1])).toEqual([2, 1, 1, 1]);
  });

  it('is not made when there is no job', () => {
    expect(jobsOfRuns([])).toEqual([]);
  });
});
