import { AppError } from '@app/errors';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';

/** A host and maybe a port, as RFC 3986 writes them. An empty one is allowed. */
const HOST = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/;

/**
 * One Host header, no more and no less (RFC 9112, section 3.2): with two of them, a proxy and this server may each read
 * another one. To be called first: the server must be made with `requireHostHeader: false`, or Node answers a missing one
 * with an empty 400.
 */
export function requireOneHost(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const fault = faultOf(request.raw);
    if (fault === undefined) return done();
    // The rest of this connection cannot be trusted either.
    void reply.header('connection', 'close');
    done(new AppError('invalid_request', fault));
  });
}

function faultOf({ rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter(
    (_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host',
  );
  if (hosts.length > 1) return 'The request has more than one Host header. Send one.';
  if (hosts.some((host) => !HOST.test(host))) return 'The Host header is not a host. Send one.';
  return hosts.length === 0 && httpVersion !== '1.0'
    ? 'The request has no Host header. Send one.'
    : undefined;
}
