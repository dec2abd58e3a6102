import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { CallerKey } from './caller-key.js';
import { generateSealingPair } from './envelope.js';
import { KeyOpener } from './key-opener.js';
import { type EnvelopeContent, KeySealer, type SealingKey } from './key-sealer.js';
import type { Sealed } from './sealed.js';

const CANARY = 'sk-canary-0123456789abcdef';
const NOW = new Date('2026-11-23T12:00:00Z');
const LATER = new Date('2026-11-23T13:00:00Z');
const BINDING = { queue: 'extraction', jobId: 'a.1', accountId: 'account' };

const named = (list: string): SealingKey => {
  const [kid = '', key = ''] = list.split(':');
  return { kid, key: Buffer.from(key, 'base64') };
};

const pair = generateSealingPair('k1');
const sealer = new KeySealer([named(pair.publicKeys)]);
const opener = new KeyOpener([named(pair.privateKeys)]);

const enclosed: EnvelopeContent = {
  target: {
    provider: 'openai',
    model: 'gpt-5',
    key: new CallerKey(CANARY),
    baseUrl: 'https://llm.example/v1',
  },
  expiresAt: LATER,
};
const sealed = sealer.seal(enclosed, BINDING);

const unavailable = expect.objectContaining({ code: 'caller_key_unavailable' });
const failureOf = (open: () => unknown): unknown => {
  try {
    return open();
  } catch (error) {
    return error;
  }
};

describe('a caller key', () => {
  const key = new CallerKey(CANARY);

  it.each([
    ['a string', String(key)],
    ['JSON', JSON.stringify({ key })],
    ['inspect', inspect({ nested: { key } }, { depth: null, showHidden: true })],
    ['its entries', JSON.stringify(Object.entries(key))],
  ])('does not show in %s', (_way, shown) => {
    expect(shown).not.toContain(CANARY);
  });

  it('is returned by reveal()', () => {
    expect(key.reveal()).toBe(CANARY);
  });

  it('cannot be empty, because an SDK without a key reads one from the environment', () => {
    expect(() => new CallerKey('')).toThrow(TypeError);
  });
});

describe('an envelope', () => {
  it('opens for its job and returns all that was sealed', () => {
    const opened = opener.open(sealed, BINDING, NOW);
    expect(opened.target).toMatchObject({
      provider: 'openai',
      model: 'gpt-5',
      baseUrl: 'https://llm.example/v1',
    });
    expect(opened.target?.key.reveal()).toBe(CANARY);
  });

  it('carries a question without a target', () => {
    const question = sealer.seal(
      { target: null, question: { text: 'where?' }, expiresAt: LATER },
      BINDING,
    );
    expect(opener.open(question, BINDING, NOW)).toMatchObject({
      target: null,
      question: { text: 'where?' },
    });
  });

  it('contains neither the key nor its base64', () => {
    expect(sealed).not.toContain(CANARY);
    expect(Buffer.from(sealed.split('.')[4]!, 'base64url').toString('latin1')).not.toContain(
      CANARY,
    );
  });

  it('does not reveal the length of a key', () => {
    const short = sealer.seal(
      { ...enclosed, target: { ...enclosed.target!, key: new CallerKey('k') } },
      BINDING,
    );
    expect(short).toHaveLength(sealed.length);
  });

  it.each([
    ['another job', { ...BINDING, jobId: 'a.2' }],
    ['another account', { ...BINDING, accountId: 'other' }],
    ['another queue', { ...BINDING, queue: 'query' }],
  ])('does not open for %s', (_moved, binding) => {
    expect(failureOf(() => opener.open(sealed, binding, NOW))).toEqual(unavailable);
  });

  it('does not open once it has expired', () => {
    expect(failureOf(() => opener.open(sealed, BINDING, LATER))).toEqual(unavailable);
  });

  it('does not open when any part of it was altered', () => {
    const parts = sealed.split('.');
    for (const index of [2, 3, 4]) {
      const flipped = Buffer.from(parts[index]!, 'base64url');
      flipped[0]! ^= 1;
      const altered = parts.with(index, flipped.toString('base64url')).join('.') as Sealed;
      expect(failureOf(() => opener.open(altered, BINDING, NOW))).toEqual(unavailable);
    }
  });

  it('does not open with a key that was dropped', () => {
    const other = new KeyOpener([named(generateSealingPair('k2').privateKeys)]);
    expect(failureOf(() => other.open(sealed, BINDING, NOW))).toEqual(unavailable);
  });

  it('opens while the old key is still listed after a rotation', () => {
    const rotated = new KeyOpener([
      named(generateSealingPair('k2').privateKeys),
      named(pair.privateKeys),
    ]);
    expect(rotated.open(sealed, BINDING, NOW).target?.key.reveal()).toBe(CANARY);
  });

  it('is reported as unavailable when it is missing', () => {
    expect(failureOf(() => opener.open(undefined, BINDING, NOW))).toEqual(unavailable);
  });

  it('shares one ephemeral key, but no key stream, with the other envelopes of a request', () => {
    const sealing = sealer.begin();
    const [first, second] = [
      sealing.seal(enclosed, BINDING),
      sealing.seal(enclosed, { ...BINDING, jobId: 'b.1' }),
    ];
    expect(first.split('.')[2]).toBe(second.split('.')[2]);
    expect(first.split('.')[4]).not.toBe(second.split('.')[4]);
    expect(opener.open(second, { ...BINDING, jobId: 'b.1' }, NOW).target?.key.reveal()).toBe(
      CANARY,
    );
  });
});
