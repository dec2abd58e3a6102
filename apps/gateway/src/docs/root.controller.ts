import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { AnyInput } from '../http/body/input.interceptor.js';
import { Public } from '../http/auth/route-access.js';

/** A browser that opens the gateway's bare address is led to the reference page. */
@ApiExcludeController()
@Public()
@AnyInput()
@Controller()
export class RootController {
  @Get()
  @Redirect('/docs', 302)
  open(): void {
    // The decorator answers.
  }
}
