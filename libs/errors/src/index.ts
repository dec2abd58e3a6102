export { CODES, type ErrorCode } from './codes.js';
export {
  AppError,
  type AppErrorOptions,
  failureOf,
  type Failure,
  type FieldFault,
  type ProviderAnswer,
  type ReachedLimit,
} from './app.error.js';
