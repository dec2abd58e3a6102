import { answerQuery, verifyLlm } from '@app/jobs';
import { defineProcessor, WorkerModule } from '@app/worker';
import { type DynamicModule, Module } from '@nestjs/common';

import { AnswerQueryProcessor } from './answering/answer-query.processor.js';
import { AnsweringService } from './answering/answering.service.js';
import type { QueryWorkerSettings } from './query-worker.config.js';
import { VerifyLlmProcessor } from './verification/verify-llm.processor.js';

/** The wiring of the query worker. */
@Module({})
export class QueryWorkerModule {
  static forRoot(settings: QueryWorkerSettings): DynamicModule {
    return {
      module: QueryWorkerModule,
      imports: [WorkerModule.forRoot(settings, settings.BUNDLED_ANSWER_MODEL)],
      providers: [
        AnsweringService,
        ...defineProcessor(answerQuery, AnswerQueryProcessor),
        ...defineProcessor(verifyLlm, VerifyLlmProcessor),
      ],
    };
  }
}
