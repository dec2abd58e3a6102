/** A second entry point of this lib, for the gateway, which checks addresses and opens no connection to providers. */
export { EgressPolicy, type EgressSettings } from './egress-policy.js';
