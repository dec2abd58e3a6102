import type { Failure } from '@app/errors';
import { ENQUEUE_TIMEOUT_MS } from '@app/jobs/policy';
import type { FirstAnswer, FirstCall } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { isKept, chooseNextStep } from './idempotency.service.js';

const WAIT_MS = 60_000;
const WRITE = 'the-write';
const failed = (code: Failure['code'], faults: Failure['faults'] = []): FirstAnswer => ({
  kind: 'failure',
  failure: { code, detail: '', faults },
});
const done: FirstAnswer = { kind: 'result', jobId: WRITE };
const goesOn: FirstAnswer = { kind: 'accepted', jobId: WRITE };
const refusedKey = failed('llm_auth_failed');
const unknownModel = failed('llm_model_invalid');

const called = (given: Partial<FirstCall> & { waitMs?: number } = {}): FirstCall => ({
  fingerprint: Buffer.of(1),
  begunAt: new Date(0),
  ageMs: 0,
  state: 'running',
  answer: null,
  reserved: { writeId: WRITE, waitMs: given.waitMs ?? WAIT_MS },
  ...given,
});
const late = { ageMs: ENQUEUE_TIMEOUT_MS + 1 };
const veryLate = { ageMs: WAIT_MS + ENQUEUE_TIMEOUT_MS + 1 };
const released = { state: 'released' } as const;
const wait = { step: 'wait' };
const runAgain = { step: 'run', writeId: WRITE };
const runAnew = { step: 'run', writeId: undefined };
const answer = (given: FirstAnswer) => ({ step: 'answer', answer: given });

describe('the next step after a first call without a stored answer', () => {
  it.each<[string, FirstCall, FirstAnswer | undefined, unknown]>([
    ['has stored nothing yet', called(), undefined, wait],
    ['stored nothing in time', called(late), undefined, runAgain],
    ['stored nothing, and was refused', called(released), undefined, runAgain],
    ['has its result', called(), done, answer(done)],
    ['is still running', called(), goesOn, wait],
    ['is still running, with its caller waiting', called(late), goesOn, wait],
    ['is still running, but its gateway has ended', called(veryLate), goesOn, runAgain],
    ['is still running, although it was refused', called(released), goesOn, runAgain],
    ['failed just now', called(), refusedKey, wait],
    ['failed, and its gateway has ended', called(veryLate), refusedKey, runAnew],
    ['failed, and was answered', called(released), refusedKey, runAnew],
    ['failed because of its body', called(), unknownModel, wait],
    [
      'failed for its body, and its gateway has ended',
      called(veryLate),
      unknownModel,
      answer(unknownModel),
    ],
  ])('for a first call that waits and %s', (_what, first, standing, next) => {
    expect(chooseNextStep(first, standing)).toEqual(next);
  });

  it.each<[string, FirstCall, FirstAnswer | undefined, unknown]>([
    ['has stored nothing yet', called({ waitMs: 0 }), undefined, wait],
    ['must still be answered', called({ waitMs: 0 }), done, wait],
    ['has its result', called({ waitMs: 0, ...late }), done, answer(goesOn)],
    ['is still running', called({ waitMs: 0, ...late }), goesOn, runAgain],
    ['failed because of its body', called({ waitMs: 0, ...late }), unknownModel, answer(goesOn)],
    ['failed', called({ waitMs: 0, ...late }), refusedKey, runAnew],
  ])('for a first call that does not wait and %s', (_what, first, standing, next) => {
    expect(chooseNextStep(first, standing)).toEqual(next);
  });
});

describe('whether a refusal is replayed', () => {
  it.each<[Failure['code'], string, boolean]>([
    ['invalid_request', '/content', true],
    ['llm_invalid_request', '/llm/model', true],
    ['llm_base_url_forbidden', '', true],
    ['llm_model_invalid', '', true],
    ['llm_invalid_request', '/llm/key', false],
    ['llm_invalid_request', '/llm/api_key', false],
    ['llm_invalid_request', '/llm/model', true],
    ['invalid_request', '/X-Request-Id', false],
    ['not_authenticated', '', false],
    ['llm_auth_failed', '', false],
    ['permission_denied', '', false],
    ['not_found', '', false],
    ['idempotency_in_flight', '', false],
    ['quota_exceeded', '', false],
    ['llm_rate_limited', '', false],
    ['internal', '', false],
    ['unavailable', '', false],
  ])('%s about %j: %s', (code, path, kept) => {
    expect(isKept({ code, detail: '', faults: [{ path, message: '' }] })).toBe(kept);
  });
});
