import { generateKeyPairSync } from 'node:crypto';

import { rawPrivateKey, rawPublicKey } from './envelope.js';

/** A fresh sealing pair in the form that the settings take: `kid:base64`. */
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
