export { EgressPolicy, type EgressSettings } from './egress-policy.js';
export { type ApiEgress, Egress } from './guarded-fetch.js';
export { callingAccount, runForAccount } from './calling-account.js';
export type { ByteReader, RawAnswer } from './guarded-request.js';
