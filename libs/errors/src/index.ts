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
export { StoreAway, StoreError } from './store.error.js';
