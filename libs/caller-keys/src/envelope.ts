import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
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

/** JSON quotes each part, so two different bindings never give the same bytes. */
function additionalData({ queue, jobId, accountId }: SealBinding): Buffer {
  return Buffer.from(JSON.stringify(['v1', queue, jobId, accountId]));
}

/** The AES key of one envelope. */
export function deriveKey(
  shared: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  parties: { readonly ephemeral: Uint8Array; readonly recipient: Uint8Array },
  kid: string,
  binding: SealBinding,
): Buffer {
  const secret = diffieHellman(shared);
  const info = Buffer.concat([Buffer.from(`aurra sealed target ${kid} `), additionalData(binding)]);
  return Buffer.from(
    hkdfSync('sha256', secret, Buffer.concat([parties.ephemeral, parties.recipient]), info, 32),
  );
}

export function encrypt(
  key: Buffer,
  nonce: Uint8Array,
  plaintext: string,
  binding: SealBinding,
): Buffer {
  const text = Buffer.from(plaintext, 'utf8');
  const padded = Buffer.alloc(Math.ceil((text.length + 4) / PAD_BYTES) * PAD_BYTES);
  padded.writeUInt32BE(text.length);
  text.copy(padded, 4);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData(binding));
  const sealed = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
  text.fill(0);
  padded.fill(0);
  return sealed;
}

/** @throws if the envelope was altered, moved to another job, or sealed to another key */
export function decrypt(
  key: Buffer,
  nonce: Uint8Array,
  sealed: Buffer,
  binding: SealBinding,
): string {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(additionalData(binding))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  const text = padded.toString('utf8', 4, 4 + padded.readUInt32BE());
  padded.fill(0);
  return text;
}
