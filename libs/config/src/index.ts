export {
  bundledSettings,
  deadlineSettings,
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
  workerEnvironment,
} from './fragments.js';
export { BadSettings, forgetEnv, readEnv, readEnvOrExit, VENDOR_SETTINGS } from './read-env.js';
