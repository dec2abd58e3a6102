/** A second entry, for the gateway: it checks addresses and opens no connection. */
export { EgressPolicy, type EgressSettings } from './egress-policy.js';
