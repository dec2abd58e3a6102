import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Injects a signal that aborts when the client disconnects before the response has ended. */
export const ClientGone = createParamDecorator(
  (_: unknown, context: ExecutionContext): AbortSignal => {
    const { raw } = context.switchToHttp().getResponse<FastifyReply>();
    const gone = new AbortController();
    if (raw.destroyed) gone.abort();
    raw.once('close', () => {
      if (!raw.writableEnded) gone.abort();
    });
    return gone.signal;
  },
);
