export { CODES, type ErrorCode } from './codes.js';
export {
  AppError,
  type AppErrorOptions,
  failureOf,
  type Failure,
  type FieldFault,
  type ProviderAnswer,
} from './app.error.js';
