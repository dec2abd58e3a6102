export { printableAddress, subscriberOf } from './client-address.js';
export { FailedLogins } from './failed-logins.js';
export { failureOfException } from './failure-of-exception.js';
export { type Problem, problemHeaders, problemOf, problemSchema, rateHeaders } from './problem.js';
export { ProblemFilter } from './problem.filter.js';
