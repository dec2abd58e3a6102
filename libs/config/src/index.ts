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
export {
  BadSettings,
  forgetEnv,
  forgetVendorSettings,
  readEnv,
  readEnvOrExit,
} from './read-env.js';
