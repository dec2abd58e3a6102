import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

import { CallerKey } from './caller-key.js';
import { deriveKey, encrypt, NONCE_BYTES, publicKeyFromRaw, rawPublicKey } from './envelope.js';
import type { LlmTarget } from './llm-target.schemas.js';
import type { SealBinding, Sealed } from './sealed.js';

/** The public or the private key of a sealing pair. */
export interface SealingKey {
  readonly kid: string;
  /** 32 raw bytes. */
  readonly key: Uint8Array;
}

/** The content of one envelope. `question` has a shape of the domain that this lib does not know. */
export interface EnvelopeContent {
  readonly target: LlmTarget | null;
  readonly question?: unknown;
  readonly expiresAt: Date;
}

/**
 * Seals all envelopes of one request with one ephemeral key pair: making a pair takes 0.2 ms, and a batch has up to a
 * thousand envelopes.
 */
export interface RequestSealer {
  seal(enclosed: EnvelopeContent, binding: SealBinding): Sealed;
}

/** Holds the public half of the pair: it can seal envelopes to the workers and cannot open any, not even its own. */
export class KeySealer {
  readonly #kid: string;
  readonly #recipient: KeyObject;
  readonly #recipientRaw: Buffer;

  /** Seals with the first key of the list. The other keys are ignored: the setting lists several only during a rotation. */
  constructor([first]: readonly SealingKey[]) {
    if (!first) throw new TypeError('A sealing key is required.');
    this.#kid = first.kid;
    this.#recipient = publicKeyFromRaw(first.key);
    this.#recipientRaw = Buffer.from(first.key);
  }

  begin(): RequestSealer {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const ephemeral = rawPublicKey(publicKey);
    return {
      seal: (enclosed, binding) => {
        const nonce = randomBytes(NONCE_BYTES);
        const parties = { ephemeral, recipient: this.#recipientRaw };
        const key = deriveKey(
          { privateKey, publicKey: this.#recipient },
          parties,
          this.#kid,
          binding,
        );
        const sealed = encrypt(key, nonce, serialise(enclosed), binding);
        key.fill(0);
        return [
          'v1',
          this.#kid,
          ...[ephemeral, nonce, sealed].map((part) => part.toString('base64url')),
        ].join('.') as Sealed;
      },
    };
  }

  seal(enclosed: EnvelopeContent, binding: SealBinding): Sealed {
    return this.begin().seal(enclosed, binding);
  }
}

/** Reveals every secret of the target, because a `CallerKey` does not serialise. */
function serialise({ target, question, expiresAt }: EnvelopeContent): string {
  const revealed =
    target &&
    Object.fromEntries(
      Object.entries(target).map(([name, value]) => [
        name,
        value instanceof CallerKey ? value.reveal() : value,
      ]),
    );
  return JSON.stringify({ target: revealed, question, expiresAt });
}
