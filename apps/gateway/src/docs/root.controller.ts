import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { AnyInput } from '../http/body/input.interceptor.js';
import { Public } from '../http/auth/route-access.js';

/** Redirects a browser from the root path to the reference page. */
@ApiExcludeController()
@Public()
@AnyInput()
@Controller()
export class RootController {
  @Get()
  @Redirect('/docs', 302)
  open(): void {
    // `@Redirect` sends the response.
  }
}
