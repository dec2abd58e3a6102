import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The parts of JSON Schema that the OpenAPI document uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema?: JsonSchema;
}

/** One route, as the OpenAPI document of the running gateway describes it. */
export interface DescribedRoute {
  /** `POST /agent/memories` */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The credentials that the route needs: an Aurra key, the operator's token, or none. */
  readonly access: 'caller' | 'operator' | 'anybody';
  /** Whether the route refuses read-only keys. */
  readonly writes: boolean;
  readonly parameters: readonly DescribedParameter[];
  readonly body: JsonSchema | undefined;
  /** The answers that the document allows, by status. */
  readonly statuses: readonly string[];
}

interface Operation {
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly 'x-writes'?: boolean;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const METHODS = ['get', 'post', 'patch', 'put', 'delete'];

/** The routes that the running gateway describes in `/openapi.json`. */
export async function describedRoutes(
  app: NestFastifyApplication,
): Promise<readonly DescribedRoute[]> {
  const { paths, components }: Document = (await app.inject('/openapi.json')).json();
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]): DescribedRoute => {
        const upper = method.toUpperCase() as DescribedRoute['method'];
        const schema = operation.requestBody?.content?.['application/json']?.schema;
        return {
          name: `${upper} ${path}`,
          method: upper,
          path,
          access: accessOf(operation),
          writes: operation['x-writes'] === true,
          parameters: operation.parameters ?? [],
          body: schema && resolved(schema, components.schemas),
          statuses: Object.keys(operation.responses),
        };
      }),
  );
}

function accessOf({ security }: Operation): DescribedRoute['access'] {
  if (security === undefined) return 'caller';
  if (security.length === 0) return 'anybody';
  return security.some((scheme) => 'admin' in scheme) ? 'operator' : 'caller';
}

/** Replaces every reference in a schema by the schema that it names. No schema of the document refers to itself. */
function resolved(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_name, value: unknown) => {
    const { $ref } = (value ?? {}) as JsonSchema;
    if (typeof $ref !== 'string') return value;
    const target = named[$ref.replace('#/components/schemas/', '')];
    if (target === undefined) throw new Error(`${$ref} is not in the document.`);
    return resolved(target, named);
  }) as JsonSchema;
}

/** One field of a body or a parameter, with its path from the root; `*` is any item of a list. */
export interface Field {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Every field of a schema, at any depth and in each alternative shape. */
export function fieldsOf(schema: JsonSchema, path: readonly string[] = []): readonly Field[] {
  const here = path.length === 0 ? [] : [{ path, schema }];
  const shapes = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [
    ...here,
    ...shapes.flatMap((shape) =>
      fieldsOf(shape, path).filter((field) => field.path.length > path.length),
    ),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      fieldsOf(child, [...path, name]),
    ),
    ...(schema.items ? fieldsOf(schema.items, [...path, '*']) : []),
  ];
}
