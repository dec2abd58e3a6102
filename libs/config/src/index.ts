export { BadSettings, readEnv } from './read-env.js';
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
} from './fragments.js';
