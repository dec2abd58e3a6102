import { randomBytes } from 'node:crypto';

import { generateSealingPair } from '@app/caller-keys';
import {
  keyListSetting,
  logSettings,
  postgresSettings,
  queueSettings,
  readEnv,
  setting,
} from '@app/config';

import { z } from 'zod';

import type { HostEnvironment } from './child-settings.js';
import { LaunchFailure } from './launch-failure.js';

/** The settings that the launcher reads itself. The apps read and check the others. */
const launcherSettings = z
  .object({
    ...logSettings,
    DATABASE_URL: postgresSettings.DATABASE_URL.optional(),
    QUEUE_URL: queueSettings.QUEUE_URL.optional(),
    PORT: setting.port.default(8080),
    OPS_PORT: setting.port.default(8081),
    METRICS_PORT: setting.port.optional(),
    /** Only this machine can connect, unless the setting says otherwise. */
    LISTEN_HOST: setting.listenHost.default('127.0.0.1'),
    AURRA_ADMIN_TOKEN: setting.secret.optional(),
    OPS_USER: z.string().optional(),
    OPS_PASSWORD: setting.secret.optional(),
    CALLER_KEY_PUBLIC_KEYS: keyListSetting.optional(),
    CALLER_KEY_PRIVATE_KEYS: keyListSetting.optional(),
  })
  .refine((given) => !given.CALLER_KEY_PUBLIC_KEYS === !given.CALLER_KEY_PRIVATE_KEYS, {
    path: ['CALLER_KEY_PUBLIC_KEYS'],
    message: 'and CALLER_KEY_PRIVATE_KEYS are two halves: set both or neither',
  });

export type LauncherSettings = z.output<typeof launcherSettings>;

/** @throws LaunchFailure naming every bad setting and printing no value. */
export function readSettings(environment: HostEnvironment): LauncherSettings {
  try {
    return readEnv(launcherSettings, environment);
  } catch (error) {
    throw new LaunchFailure(error instanceof Error ? error.message : String(error));
  }
}

/** Secrets from settings; those that are not set are made for this run. They are never written to a file. */
export interface Secrets {
  readonly adminToken: string;
  readonly opsUser: string;
  readonly opsPassword: string;
  readonly publicKeys: string;
  readonly privateKeys: string;
}

export function makeSecrets(environment: HostEnvironment): Secrets {
  const pair = generateSealingPair('launcher');
  return {
    adminToken: environment['AURRA_ADMIN_TOKEN'] || randomBytes(24).toString('base64url'),
    opsUser: environment['OPS_USER'] || 'ops',
    opsPassword: environment['OPS_PASSWORD'] || randomBytes(12).toString('base64url'),
    publicKeys: environment['CALLER_KEY_PUBLIC_KEYS'] || pair.publicKeys,
    privateKeys: environment['CALLER_KEY_PRIVATE_KEYS'] || pair.privateKeys,
  };
}
