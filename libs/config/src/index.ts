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
export {
  BadSettings,
  forgetEnv,
  forgetVendorSettings,
  readEnv,
  readEnvOrExit,
} from './read-env.js';
