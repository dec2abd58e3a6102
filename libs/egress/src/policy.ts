/** The side door for whoever only asks whether an address may be called, and calls none: it opens no connection. */
export { EgressPolicy, type EgressSettings } from './egress-policy.js';
