import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

import { CallerKey } from './caller-key.js';
import {
  deriveContextKey,
  encrypt,
  NONCE_BYTES,
  publicKeyFromRaw,
  rawPublicKey,
} from './envelope.js';
import type { LlmTarget } from './llm-target.schemas.js';
import type { SealBinding, Sealed } from './sealed.js';
import { type SealingContext, SealingContexts } from './sealing-contexts.js';

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
 * Holds the public half of the pair: it can seal envelopes to the workers, and can open none once their context has ended,
 * not even its own.
 */
export class KeySealer {
  readonly #kid: string;
  readonly #contexts: SealingContexts;

  /** Seals with the first key of the list. The other keys are ignored: the setting lists several only during a rotation. */
  constructor([first]: readonly SealingKey[]) {
    if (!first) throw new TypeError('A sealing key is required.');
    this.#kid = first.kid;
    const recipient = publicKeyFromRaw(first.key);
    this.#contexts = new SealingContexts(() => beginContext(first, recipient));
  }

  seal(enclosed: EnvelopeContent, binding: SealBinding): Sealed {
    const { ephemeral, key } = this.#contexts.current();
    const nonce = randomBytes(NONCE_BYTES);
    const sealed = encrypt(key, nonce, serialise(enclosed), binding);
    const parts = ['v2', this.#kid, ephemeral, nonce.toString('base64url')];
    return `${parts.join('.')}.${sealed.toString('base64url')}` as Sealed;
  }
}

/** The private half of the ephemeral pair is not kept. */
function beginContext({ kid, key: recipient }: SealingKey, publicKey: KeyObject): SealingContext {
  const pair = generateKeyPairSync('x25519');
  const ephemeral = rawPublicKey(pair.publicKey);
  const exchange = { privateKey: pair.privateKey, publicKey, ephemeral, recipient };
  return {
    ephemeral: ephemeral.toString('base64url'),
    key: deriveContextKey(exchange, kid),
  };
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
