import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

import {
  decrypt,
  deriveContextKey,
  deriveEnvelopeKey,
  type KeyExchange,
  privateKeyFromRaw,
  publicKeyFromRaw,
  rawPublicKey,
} from './envelope.js';
import type { EnvelopeContent, SealingKey } from './key-sealer.js';
import { OpenedContexts } from './opened-contexts.js';
import { PROVIDER_NAMES, TARGET_FIELDS } from './providers/definitions.js';
import { sealedSecret } from './providers/target-definition.js';
import { keyUnavailable, type SealBinding, type Sealed } from './sealed.js';

const enclosedSchema = z.object({
  target: z
    .object({
      provider: z.enum(PROVIDER_NAMES),
      model: z.string(),
      key: sealedSecret,
      baseUrl: z.string().optional(),
      ...TARGET_FIELDS,
    })
    .nullable(),
  question: z.unknown().optional(),
  expiresAt: z.coerce.date(),
});

/** Holds the private halves of the sealing pairs. Only workers may import it. */
export class KeyOpener {
  readonly #keys: ReadonlyMap<
    string,
    { readonly privateKey: KeyObject; readonly publicRaw: Buffer }
  >;
  readonly #contexts = new OpenedContexts();

  constructor(keys: readonly SealingKey[]) {
    this.#keys = new Map(
      keys.map(({ kid, key }) => {
        const privateKey = privateKeyFromRaw(key);
        return [kid, { privateKey, publicRaw: rawPublicKey(createPublicKey(privateKey)) }];
      }),
    );
  }

  /**
   * @throws AppError `caller_key_unavailable` when there is no envelope, when it has expired, was altered, was sealed
   * for another job, or to a key that this worker does not hold. The error does not say which of these it was.
   */
  open(sealed: Sealed | undefined, binding: SealBinding, now: Date): EnvelopeContent {
    try {
      const enclosed = enclosedSchema.parse(JSON.parse(this.#decrypt(sealed ?? '', binding)));
      if (enclosed.expiresAt > now) return enclosed;
    } catch {
      // The caught error may quote the sealed content, so it is not kept as a cause.
    }
    throw keyUnavailable();
  }

  #decrypt(sealed: string, binding: SealBinding): string {
    const [version, kid = '', ephemeral = '', nonce = '', ciphertext = ''] = sealed.split('.');
    const parts = {
      nonce: Buffer.from(nonce, 'base64url'),
      sealed: Buffer.from(ciphertext, 'base64url'),
    };
    if (version === 'v1') {
      const key = deriveEnvelopeKey(this.#exchange(kid, ephemeral), kid, binding);
      return decrypt(key, parts, binding, 'v1');
    }
    if (version !== 'v2') throw new Error('unknown version');
    const context = `${kid}.${ephemeral}`;
    const known = this.#contexts.find(context);
    const key = known ?? deriveContextKey(this.#exchange(kid, ephemeral), kid);
    const text = decrypt(key, parts, binding, 'v2');
    if (!known) this.#contexts.keep(context, key);
    return text;
  }

  #exchange(kid: string, ephemeral: string): KeyExchange {
    const own = this.#keys.get(kid);
    if (!own) throw new Error('unknown kid');
    const raw = Buffer.from(ephemeral, 'base64url');
    const { privateKey, publicRaw: recipient } = own;
    return { privateKey, publicKey: publicKeyFromRaw(raw), ephemeral: raw, recipient };
  }
}
