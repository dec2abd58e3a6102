import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { type VerifiedView, verifiedSchema, type Verify, verifySchema } from './llm.schemas.js';
import { VerifyService } from './verify.service.js';

@ApiTags('llm')
@Controller('llm')
export class LlmController {
  constructor(private readonly verifying: VerifyService) {}

  @Post('verify')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Whether an `llm` object works, without spending tokens where its provider allows it',
  })
  @Answers({ 200: verifiedSchema })
  verify(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: verifySchema }) { llm }: Verify,
    @ClientGone() gone: AbortSignal,
  ): Promise<VerifiedView> {
    return this.verifying.verify(caller, llm, gone);
  }
}
