export {
  type ActiveJob,
  type Attempt,
  guardedByLock,
  type JobIds,
  type JobObserver,
} from './attempts/attempt.js';
export { AttemptRunner, type AttemptRunnerOptions } from './attempts/attempt-runner.js';
export { ProgressSender } from './attempts/progress-sender.js';
export { finalFailure, handBack, isLastAttempt, retryLater } from './attempts/settle.js';
export {
  defineProcessor,
  type JobProcessor,
  queueWorkerToken,
  WORKER_OPTIONS,
} from './define-processor.js';
export { startWorker } from './start-worker.js';
export { WorkerModule } from './worker.module.js';
