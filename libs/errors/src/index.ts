export {
  AppError,
  type AppErrorOptions,
  type Failure,
  failureOf,
  type FieldFault,
  type ProviderAnswer,
  type ReachedLimit,
} from './app.error.js';
export { CODES, type ErrorCode } from './codes.js';
export { StoreUnavailable, StoreError } from './store.error.js';
