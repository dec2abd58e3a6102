import { verifyLlm } from '@app/jobs';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { type VerifiedView, verifiedSchema, type Verify, verifySchema } from './llm.schemas.js';
import { TargetGate } from './target-gate.js';

@ApiTags('llm')
@Controller('llm')
export class LlmController {
  constructor(
    private readonly gate: TargetGate,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @throws AppError the error that any other call with this target would get. */
  @Post('verify')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Check that an `llm` object works, without spending tokens if its provider allows that',
  })
  @Answers({ 200: verifiedSchema })
  async verify(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: verifySchema }) { llm }: Verify,
    @ClientGone() gone: AbortSignal,
  ): Promise<VerifiedView> {
    await this.gate.admit(llm, caller);
    await this.dispatcher.reserveRoom(verifyLlm);
    const { checked } = await this.dispatcher.verify(caller, llm, gone);
    return { ok: true, provider: llm.provider, model: llm.model, checked };
  }
}
