import type { QueryJob, StoredJob, WriteJob, WriteResult } from '@app/memory';
import { anAnswer, aQuestion } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { pageOfJobs } from './page-of-jobs.js';

const FIELDS = {
  accountId: 'a',
  tenantId: null,
  state: 'succeeded',
  attempts: 1,
  run: 1,
  llmAccount: 'bundled',
  textKept: false,
  createdAt: new Date(0),
  startedAt: null,
  finishedAt: null,
  requestId: 'r',
  failure: null,
} as const;

const write = (id: string, memories: number): WriteJob => ({
  ...FIELDS,
  id,
  kind: 'write',
  result: { memoryIds: Array.from({ length: memories }, () => 'm') } as unknown as WriteResult,
});

const query = (id: string, hits: number): QueryJob => ({
  ...FIELDS,
  id,
  kind: 'query',
  question: aQuestion(),
  result: anAnswer({
    hits: Array.from({ length: hits }, () => ({ memoryId: 'm', similarity: 1, cited: true })),
  }),
});

const ids = (jobs: readonly StoredJob[]): string => jobs.map(({ id }) => id).join('');

describe('a page of jobs', () => {
  it('has as many as were asked for', () => {
    const jobs = [write('a', 1), { ...write('b', 0), result: null }, write('c', 1)];
    expect(ids(pageOfJobs(jobs, 2))).toBe('ab');
    expect(ids(pageOfJobs(jobs, 5))).toBe('abc');
    expect(pageOfJobs([], 5)).toEqual([]);
  });

  it('ends before the job with which its results would hold too many memories', () => {
    const jobs = [write('a', 4), query('b', 4), write('c', 4)];
    expect(ids(pageOfJobs(jobs, 3, 12))).toBe('abc');
    expect(ids(pageOfJobs(jobs, 3, 11))).toBe('ab');
    expect(ids(pageOfJobs(jobs, 3, 8))).toBe('ab');
    expect(ids(pageOfJobs(jobs, 3, 7))).toBe('a');
    expect(ids(pageOfJobs(jobs, 1, 11))).toBe('a');
  });

  it('has one at least: each is shown on some page', () => {
    expect(ids(pageOfJobs([write('a', 40), write('b', 40)], 2, 10))).toBe('a');
  });

  it('counts what a dry run found', () => {
    const dry = write('b', 0);
    const found = { dryRun: { facts: [{}, {}, {}] } } as unknown as WriteResult;
    const jobs = [write('a', 1), { ...dry, result: { ...dry.result, ...found } }];
    expect(ids(pageOfJobs(jobs, 2, 3))).toBe('a');
    expect(ids(pageOfJobs(jobs, 2, 4))).toBe('ab');
  });
});
