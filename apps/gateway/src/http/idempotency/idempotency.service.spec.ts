import type { Failure } from '@app/errors';
import type { FirstAnswer, FirstCall } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { ACCEPTED_WITHIN_MS, isKept, chooseNextStep } from './idempotency.service.js';

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
const late = { ageMs: ACCEPTED_WITHIN_MS + 1 };
const veryLate = { ageMs: WAIT_MS + ACCEPTED_WITHIN_MS + 1 };
const released = { state: 'released' } as const;
const wait = { step: 'wait' };
const runAgain = { step: 'run', writeId: WRITE };
const runAnew = { step: 'run', writeId: undefined };
const answer = (given: FirstAnswer) => ({ step: 'answer', answer: given });

describe('after a first call that was not answered', () => {
  it.each<[string, FirstCall, FirstAnswer | undefined, unknown]>([
    ['made nothing yet', called(), undefined, wait],
    ['made nothing in time', called(late), undefined, runAgain],
    ['made nothing, and was refused', called(released), undefined, runAgain],
    ['has its result', called(), done, answer(done)],
    ['goes on', called(), goesOn, wait],
    ['goes on, its caller still waiting', called(late), goesOn, wait],
    ['goes on, and its gateway is gone', called(veryLate), goesOn, runAgain],
    ['goes on, though it was refused', called(released), goesOn, runAgain],
    ['failed just now', called(), refusedKey, wait],
    ['failed, and its gateway is gone', called(veryLate), refusedKey, runAnew],
    ['failed, and was answered', called(released), refusedKey, runAnew],
    ['failed for its body', called(), unknownModel, wait],
    [
      'failed for its body, and its gateway is gone',
      called(veryLate),
      unknownModel,
      answer(unknownModel),
    ],
  ])('one that waits and %s', (_what, first, standing, next) => {
    expect(chooseNextStep(first, standing)).toEqual(next);
  });

  it.each<[string, FirstCall, FirstAnswer | undefined, unknown]>([
    ['made nothing yet', called({ waitMs: 0 }), undefined, wait],
    ['is to be answered at once', called({ waitMs: 0 }), done, wait],
    ['has its result', called({ waitMs: 0, ...late }), done, answer(goesOn)],
    ['goes on', called({ waitMs: 0, ...late }), goesOn, runAgain],
    ['failed for its body', called({ waitMs: 0, ...late }), unknownModel, answer(goesOn)],
    ['failed', called({ waitMs: 0, ...late }), refusedKey, runAnew],
  ])('one that does not wait and %s', (_what, first, standing, next) => {
    expect(chooseNextStep(first, standing)).toEqual(next);
  });
});

describe('of refusals', () => {
  it.each<[Failure['code'], string, boolean]>([
    ['invalid_request', '/content', true],
    ['llm_invalid_request', '/llm/model', true],
    ['llm_base_url_forbidden', '', true],
    ['llm_model_invalid', '', true],
    ['llm_invalid_request', '/llm/key', false],
    ['llm_invalid_request', '/llm/api_key', false],
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
  ])('%s about %j is kept: %s', (code, path, kept) => {
    expect(isKept({ code, detail: '', faults: [{ path, message: '' }] })).toBe(kept);
  });
});
