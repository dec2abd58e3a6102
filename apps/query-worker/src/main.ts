import '@app/worker/forget-vendor-settings';

import 'reflect-metadata';

import { startWorker } from '@app/worker';

import { queryWorkerSettings } from './query-worker.config.js';
import { QueryWorkerModule } from './query-worker.module.js';

await startWorker(queryWorkerSettings, (settings) => QueryWorkerModule.forRoot(settings));
