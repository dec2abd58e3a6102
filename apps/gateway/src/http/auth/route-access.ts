import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The credential that the route requires. Absent: an API key. */
    access?: 'public' | 'operator';
    /** The route changes stored data, so it refuses read-only keys. */
    writes?: boolean;
    /** The route also serves a blocked or suspended account. */
    evenBlocked?: boolean;
  }
}

/** The routes of this controller need no credential. Every other route needs an API key or the operator's token. */
export const Public = (): ClassDecorator => forEachHandler({ access: 'public' });

/** The routes of this controller need the operator's token. */
export const ForOperator = (): ClassDecorator => forEachHandler({ access: 'operator' });

/** The route changes stored data, so it refuses read-only keys. OpenAPI shows it as `x-writes`. */
export const Writes = (): MethodDecorator =>
  applyDecorators(onHandler({ writes: true }), ApiExtension('x-writes', true));

/** The route also serves a blocked or suspended account, which can learn there why other routes refuse it. */
export const EvenBlocked = (): MethodDecorator => onHandler({ evenBlocked: true });

/** Makes routes without a controller of ours public. Call it before routes are registered. */
export function makePublic(fastify: FastifyInstance, isOpen: (url: string) => boolean): void {
  fastify.addHook('onRoute', (route) => {
    if (isOpen(route.url)) route.config = { ...route.config, access: 'public' };
  });
}

/**
 * Nest copies metadata of a handler into Fastify's route config, but not metadata of its class. The route config is known
 * before the body is read.
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
