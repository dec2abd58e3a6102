import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

import type { SealBinding } from './sealed.js';

/** A new sealing pair in the form of the settings: `kid:base64`. */
export function generateSealingPair(kid: string): {
  readonly publicKeys: string;
  readonly privateKeys: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return {
    publicKeys: `${kid}:${rawPublicKey(publicKey).toString('base64')}`,
    privateKeys: `${kid}:${rawPrivateKey(privateKey).toString('base64')}`,
  };
}

export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Plaintexts are padded to a multiple of this, so that the length reveals little about a key. */
const PAD_BYTES = 512;
const RAW_KEY_BYTES = 32;

/** DER prefixes of an X25519 key (RFC 8410): node takes keys in DER or JWK, settings hold 32 raw bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== RAW_KEY_BYTES) throw new TypeError('An X25519 public key is 32 bytes.');
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

export function privateKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== RAW_KEY_BYTES) throw new TypeError('An X25519 private key is 32 bytes.');
  return createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, raw]),
    format: 'der',
    type: 'pkcs8',
  });
}

export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

export function rawPrivateKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length);
}

/** `v1` has a key for each envelope; `v2` has a key for each context, and the binding is additional data alone. */
export type EnvelopeVersion = 'v1' | 'v2';

/** JSON quotes each part, so two different bindings never give the same bytes. */
function additionalData(version: EnvelopeVersion, binding: SealBinding): Buffer {
  const { queue, jobId, accountId } = binding;
  return Buffer.from(JSON.stringify([version, queue, jobId, accountId]));
}

/** The two halves of a Diffie-Hellman exchange, and the raw public keys of both sides. */
export interface KeyExchange {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly ephemeral: Uint8Array;
  readonly recipient: Uint8Array;
}

/** The AES key of all envelopes of one context. */
export function deriveContextKey(exchange: KeyExchange, kid: string): KeyObject {
  return deriveKey(exchange, Buffer.from(`aurra sealing context ${kid}`));
}

/** The AES key of one envelope of `v1`. */
export function deriveEnvelopeKey(
  exchange: KeyExchange,
  kid: string,
  binding: SealBinding,
): KeyObject {
  const info = [Buffer.from(`aurra sealed target ${kid} `), additionalData('v1', binding)];
  return deriveKey(exchange, Buffer.concat(info));
}

/** A `KeyObject`, because a cipher would make one of a Buffer for each envelope, and because it does not print. */
function deriveKey(
  { privateKey, publicKey, ephemeral, recipient }: KeyExchange,
  info: Buffer,
): KeyObject {
  const secret = diffieHellman({ privateKey, publicKey });
  const salt = Buffer.concat([ephemeral, recipient]);
  const key = Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
  try {
    return createSecretKey(key);
  } finally {
    secret.fill(0);
    key.fill(0);
  }
}

export function encrypt(
  key: KeyObject,
  nonce: Uint8Array,
  plaintext: string,
  binding: SealBinding,
): Buffer {
  const length = Buffer.byteLength(plaintext);
  const padded = Buffer.alloc(Math.ceil((length + 4) / PAD_BYTES) * PAD_BYTES);
  padded.writeUInt32BE(length);
  padded.write(plaintext, 4);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData('v2', binding));
  const sealed = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
  padded.fill(0);
  return sealed;
}

/** @throws if the envelope was altered, moved to another job, or sealed to another key */
export function decrypt(
  key: KeyObject,
  { nonce, sealed }: { readonly nonce: Uint8Array; readonly sealed: Buffer },
  binding: SealBinding,
  version: EnvelopeVersion,
): string {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(additionalData(version, binding))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  const text = padded.toString('utf8', 4, 4 + padded.readUInt32BE());
  padded.fill(0);
  return text;
}
