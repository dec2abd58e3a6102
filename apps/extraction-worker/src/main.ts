import '@app/worker/forget-vendor-settings';

import 'reflect-metadata';

import { startWorker } from '@app/worker';

import { extractionWorkerSettings } from './extraction-worker.config.js';
import { ExtractionWorkerModule } from './extraction-worker.module.js';

await startWorker(extractionWorkerSettings, (settings) => ExtractionWorkerModule.forRoot(settings));
