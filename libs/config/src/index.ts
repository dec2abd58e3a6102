export {
  bundledSettings,
  egressSettings,
  keyListSetting,
  logSettings,
  postgresSettings,
  probeSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  queueSettings,
  setting,
  shutdownSettings,
  timeoutSettings,
  workerEnvironment,
  type WorkerSettings,
} from './fragments.js';
export { BadSettings, forgetEnv, readEnv, readEnvOrExit, VENDOR_SETTINGS } from './read-env.js';
