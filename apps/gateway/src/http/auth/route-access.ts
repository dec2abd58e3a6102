import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask. Absent: whoever has an API key. */
    access?: 'anybody' | 'operator';
    /** The route changes what is stored: it is closed to read-only keys. */
    writes?: boolean;
    /** The route answers a blocked or suspended account as well. */
    evenBlocked?: boolean;
  }
}

/** Needs no key: every route that does not say so needs one. */
export const Public = (): ClassDecorator => forEachHandler({ access: 'anybody' });

/** Needs the operator's token. */
export const ForOperator = (): ClassDecorator => forEachHandler({ access: 'operator' });

/** Changes what is stored: closed to read-only keys. The document says so too (`x-writes`). */
export const Writes = (): MethodDecorator =>
  applyDecorators(onHandler({ writes: true }), ApiExtension('x-writes', true));

/** Answers a blocked or suspended account as well: it says why everything else does not. */
export const EvenBlocked = (): MethodDecorator => onHandler({ evenBlocked: true });

/** Opens routes that no controller of ours makes. To be called before routes are made. */
export function openToAnybody(fastify: FastifyInstance, isOpen: (url: string) => boolean): void {
  fastify.addHook('onRoute', (route) => {
    if (isOpen(route.url)) route.config = { ...route.config, access: 'anybody' };
  });
}

/**
 * Nest hands Fastify what is kept on a handler, and of its class nothing. Fastify knows it before Nest is asked, and so
 * before a body is read.
 */
function onHandler(config: Partial<FastifyContextConfig>): MethodDecorator {
  return (_target, _name, descriptor) => keep(descriptor.value as object, config);
}

function forEachHandler(config: Partial<FastifyContextConfig>): ClassDecorator {
  return ({ prototype }) => {
    const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(prototype as object);
    for (const { value } of Object.values(methods)) keep(value as object, config);
  };
}

function keep(handler: object, config: Partial<FastifyContextConfig>): void {
  const kept = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as object | undefined;
  RouteConfig({ ...kept, ...config })(handler as () => void);
}
