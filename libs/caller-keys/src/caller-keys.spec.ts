import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';

import { CallerKey } from './caller-key.js';
import { generateSealingPair } from './envelope.js';
import { KeyOpener } from './key-opener.js';
import { type EnvelopeContent, KeySealer, type SealingKey } from './key-sealer.js';
import { OpenedContexts } from './opened-contexts.js';
import type { Sealed } from './sealed.js';

/** Sealed by an earlier version of the gateway, with the values below. */
const V1_PARTS = [
  'v1',
  '2026-04',
  'LIXzcztIVxWKpvU4RCnvtKHWQiUkH8zMiklcLTXzsT0',
  'fB-pxy2SWzr8Aa5v',
  [
    'IbxHQWxJvqndDhoqK8f9_nbxXgjqkvm-US8f0cl-8Q0N_9ckGhMoK2c1hW-trRNmb3vYm2t1OtsxeFy2DcEbShclyz',
    'bIcVJZFzi2Y6A0FuHJst1JzqoKp2kGKnESlk7IeCH5EosG0n1s5qED10sacI1KO9tu46bGtGo9jwg1QHXWDbJnhJ2t',
    'tZTrnEuMIQMJ6MX-UFHrl1xMLdPEOhSy7iatLF2_hsHt_zyWjYKYbfg2u0RsIiI_QZ4TXyNuW0LLwvxBPaC_JmOiuI',
    'N05gKumazoBLNVKd6fXYehnVwFVeCFTRFYt8MvgTAzdlqWyxlOJWZk4jXnf93ZpwUkApBNxe9BxeuiB5yL6SAwJBMp',
    'bJH_kRihR5I2OGfLO0AwHN6l_hC2izy_fTmMew0GfDJe-2fgoUB8BGOZ2SAga4zucsXs-lplRAyfRFTG0IdnU_-INR',
    'VKvLlmO_RB2qx_oTydN5n1fDoS2seonOEBGdfzAg7vNFYwTzq60Cn0Xw_ge1-FWqwXozYyGcZ-4CLY76E6qNpW9kXL',
    'MKNt7n5FAtxLT4MwtAzr8pNxk_f9dogBa7MWe4ty1N8oqV3iHEqo1tnkC5GIQZaApytOl4Dy0-nU42TJzzkV9hlVVO',
    'X21AEvBCaIwxCLZca4pKSaO-VjRSxsPhDwhf06cv5qAFRXrwsWsyeVsU_Aemw3TEvnqi8A15Lg',
  ].join(''),
];

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
const newOpener = (): KeyOpener => new KeyOpener([named(pair.privateKeys)]);
/** It has opened an envelope before, so it knows the context of the next one. */
const opener = newOpener();

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
opener.open(sealed, BINDING, NOW);

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
  ])('does not open for %s, whether its context is known or new', (_moved, binding) => {
    for (const worker of [opener, newOpener()])
      expect(failureOf(() => worker.open(sealed, binding, NOW))).toEqual(unavailable);
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
      for (const worker of [opener, newOpener()])
        expect(failureOf(() => worker.open(altered, BINDING, NOW))).toEqual(unavailable);
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
});

describe('the envelopes of one second', () => {
  it('share an ephemeral key, but neither a nonce nor a key stream', () => {
    const other = { ...BINDING, jobId: 'b.1' };
    const together = new KeySealer([named(pair.publicKeys)]);
    const [first, second] = [together.seal(enclosed, BINDING), together.seal(enclosed, other)];
    const [one, two] = [first.split('.'), second.split('.')];
    expect(one[2]).toBe(two[2]);
    expect(one[3]).not.toBe(two[3]);
    expect(one[4]?.slice(0, 20)).not.toBe(two[4]?.slice(0, 20));
    for (const worker of [opener, newOpener()])
      expect(worker.open(second, other, NOW).target?.key.reveal()).toBe(CANARY);
  });

  it('have an ephemeral key of their own in each gateway', () => {
    const [one, two] = [0, 1].map(() =>
      new KeySealer([named(pair.publicKeys)]).seal(enclosed, BINDING).split('.'),
    );
    expect(one?.[2]).not.toBe(two?.[2]);
  });

  it('are a context that the worker keeps only once one of them has opened', () => {
    const keep = vi.spyOn(OpenedContexts.prototype, 'keep');
    const [worker, moved] = [newOpener(), { ...BINDING, jobId: 'b.1' }];
    expect(failureOf(() => worker.open(sealed, moved, NOW))).toEqual(unavailable);
    expect(keep).not.toHaveBeenCalled();
    worker.open(sealed, BINDING, NOW);
    worker.open(sealed, BINDING, NOW);
    expect(keep).toHaveBeenCalledOnce();
    keep.mockRestore();
  });
});

describe('an envelope of an older gateway', () => {
  const old = new KeyOpener([named('2026-04:MPrs2cGSZSXyCL8ag+vcwJUY4SXq+eNXd/8qrxLiiX8=')]);
  const recorded = V1_PARTS.join('.') as Sealed;

  it('opens for its job', () => {
    expect(old.open(recorded, BINDING, NOW).target?.key.reveal()).toBe(CANARY);
  });

  it.each([
    ['for another job', recorded, { ...BINDING, jobId: 'a.2' }],
    ['under the name of the newer form', V1_PARTS.with(0, 'v2').join('.'), BINDING],
  ])('does not open %s', (_how, text, binding) => {
    expect(failureOf(() => old.open(text as Sealed, binding, NOW))).toEqual(unavailable);
  });

  it('is no form of a newer one', () => {
    const renamed = sealed.replace(/^v2/, 'v1') as Sealed;
    expect(failureOf(() => opener.open(renamed, BINDING, NOW))).toEqual(unavailable);
  });
});
