import type { FairOrder } from './fair-order.js';
import { LocalFairOrder } from './local-fair-order.js';
import { isOnPostgres, type QueueSettings } from './queue-connection.js';
import { RedisFairOrder } from './redis-fair-order.js';

export function openFairOrder(settings: QueueSettings): FairOrder {
  return isOnPostgres(settings.url) ? new LocalFairOrder() : new RedisFairOrder(settings);
}
