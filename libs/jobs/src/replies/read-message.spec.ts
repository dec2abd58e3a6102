import { describe, expect, it } from 'vitest';

import { readJobId, readJsonMessage, readMessage } from './read-message.js';

const failure = { code: 'llm_auth_failed', detail: 'No.' };

describe('a message on the reply channel', () => {
  it.each([
    { kind: 'settled', jobId: 'a.1' },
    { kind: 'answer', jobId: 'a.1', answer: { text: 'Lisbon' } },
    { kind: 'failure', jobId: 'a.1', failure },
    { kind: 'heartbeat', jobId: 'a.1' },
    { kind: 'delta', jobId: 'a.1', at: 0, text: 'Lis' },
  ])('is read as it is: %j', (message) => {
    expect(readMessage(message)).toEqual(message);
    expect(readJsonMessage(JSON.stringify(message))).toEqual(message);
  });

  it('has the code `internal` in place of an unknown code', () => {
    const newer = { kind: 'failure', jobId: 'a.1', failure: { ...failure, code: 'llm_new' } };
    expect(readMessage(newer)).toMatchObject({ failure: { code: 'internal' } });
  });

  it.each(['x', '', '7', 'null', '{}', '{"kind":"settled"}', '{"kind":"__proto__","jobId":"a"}'])(
    'is dropped when it is %j',
    (text) => {
      expect(readJsonMessage(text)).toBeUndefined();
    },
  );
});

describe('the id of a cancelled job', () => {
  it('is dropped when it is too long', () => {
    expect(readJobId('a.1')).toBe('a.1');
    expect(readJobId('a'.repeat(101))).toBeUndefined();
    expect(readJobId(undefined)).toBeUndefined();
  });
});
