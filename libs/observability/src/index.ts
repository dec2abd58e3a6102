export { countSpent, jobObserver } from './job-observer.js';
export { makeLogger } from './logger.js';
export { metrics } from './metrics.js';
export { ObservabilityModule, type ObservabilityOptions } from './observability.module.js';
export {
  type Checks,
  type FoundSettings,
  HealthChecks,
  type Readiness,
  type SettingsChecks,
} from './readiness.js';
export { type RequestContext, requestContext, timed, type TimedPart } from './request-context.js';
