import type { QueryJob, StoredJob, WriteJob, WriteResult } from '@app/memory';
import { aMessage, aMessagesWrite, anAnswer, aQuestion } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { bytesOfJob, memoriesIn, pageOfJobs } from './page-of-jobs.js';

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
  result: {
    status: 'extracted',
    memoryIds: Array.from({ length: memories }, () => 'm'),
  } as unknown as WriteResult,
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
const weighed = (jobs: readonly StoredJob[], most: number): string =>
  ids(pageOfJobs(jobs, (job) => memoriesIn(job).length, most));

describe('a page of jobs', () => {
  it('has all jobs where they fit', () => {
    const jobs = [write('a', 1), { ...write('b', 0), result: null }, write('c', 1)];
    expect(weighed(jobs, 5)).toBe('abc');
    expect(pageOfJobs([], () => 1, 5)).toEqual([]);
  });

  it('ends before the first job that does not fit', () => {
    const jobs = [write('a', 4), query('b', 4), write('c', 4)];
    expect(weighed(jobs, 12)).toBe('abc');
    expect(weighed(jobs, 11)).toBe('ab');
    expect(weighed(jobs, 8)).toBe('ab');
    expect(weighed(jobs, 7)).toBe('a');
  });

  it('has at least one job, so that every job is on some page', () => {
    expect(weighed([write('a', 40), write('b', 40)], 10)).toBe('a');
  });
});

describe('the size of a job in an answer', () => {
  const sizes = new Map([['m', 5_000]]);

  it('counts the memories of its result', () => {
    const more = bytesOfJob(write('a', 3), sizes) - bytesOfJob(write('a', 2), sizes);
    expect(more).toBeGreaterThanOrEqual(5_000);
    expect(bytesOfJob({ ...write('a', 3), result: null }, sizes)).toBeLessThan(5_000);
  });

  it('counts the answer and the question', () => {
    const long = { ...query('a', 0), result: anAnswer({ hits: [], text: 'x'.repeat(9_000) }) };
    expect(bytesOfJob(long, sizes)).toBeGreaterThan(18_000);
    const asked = { ...query('a', 0), question: aQuestion({ question: 'x'.repeat(9_000) }) };
    expect(bytesOfJob(asked, sizes)).toBeGreaterThan(9_000);
  });

  it('counts each fact of a dry run with its metadata and its cited turns', () => {
    const request = aMessagesWrite({ metadata: { note: 'x'.repeat(2_000) } });
    const fact = { text: 'y'.repeat(1_000), topic: '', positions: [0] };
    const messages = [{ ...aMessage({ content: 'z'.repeat(3_000) }), position: 0 }];
    const dryRun = { ...request, messages, facts: [fact, fact] };
    const result = { memoryIds: [], dryRun } as unknown as WriteResult;
    expect(bytesOfJob({ ...write('a', 0), result }, sizes)).toBeGreaterThan(2 * 7_000);
  });
});
