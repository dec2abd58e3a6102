import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

import { HANDLING_HEADER } from '../http/preference.js';
import { warningsSchema } from '../http/warnings.js';
import { toJsonSchema } from './json-schema.js';

/** The extension in which a handler describes its event stream: the decorators allow one content type per response. */
export const EVENT_STREAM = 'x-event-stream';

interface Streamed {
  [EVENT_STREAM]?: string;
}

/** Builds the OpenAPI 3.1 document from the schemas that also validate requests. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'opaque' } as const;
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Aurra')
    .setDescription(
      'A memory service for AI agents: facts with sources and two time axes, on your own model.',
    )
    .setVersion('0.1.0')
    .addServer('/')
    .addBearerAuth({ ...bearer, description: 'An Aurra key: `aurra_…`.' })
    .addBearerAuth({ ...bearer, description: 'The operator’s AURRA_ADMIN_TOKEN.' }, 'admin')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    standardSchemaConverter: toJsonSchema,
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  for (const operation of operationsOf(document)) correct(operation);
  describeWarnings(document);
  return document;
}

/** Corrects the parts of an operation that the generator cannot express. */
function correct(operation: Operation): void {
  // The ids of a handler with two paths end with an index in brackets, which generated clients cannot have in a name.
  if (operation.operationId !== undefined) {
    operation.operationId = operation.operationId.replace('[0]', '').replace(/\[(\d+)\]/, '_$1');
  }
  for (const parameter of operation.parameters ?? []) {
    // `metadata[k]=v`
    if ('in' in parameter && parameter.in === 'query' && parameter.name === 'metadata') {
      Object.assign(parameter, { style: 'deepObject', explode: true });
    }
  }
  const { [EVENT_STREAM]: events, ...answers } = operation as Operation & Streamed;
  const answer = answers.responses['200'];
  if (events !== undefined && answer && 'content' in answer) {
    delete (operation as Streamed)[EVENT_STREAM];
    Object.assign(answer.content ?? {}, {
      'text/event-stream': { schema: { type: 'string', description: events } },
    });
  }
  const problem = operation.responses['default'];
  if (problem && 'content' in problem && problem.content?.['application/json']) {
    problem.content = { 'application/problem+json': problem.content['application/json'] };
  }
}

/** Adds the handling of unknown fields, which is the same on every route: the `Prefer` header and the `warnings` of responses. */
function describeWarnings(document: OpenAPIObject): void {
  const { schema } = toJsonSchema(warningsSchema, { schemaType: 'output' }) ?? {};
  if (!schema || !document.components) return;
  document.components.schemas = { ...document.components.schemas, Warned: schema };
  for (const operation of operationsOf(document)) {
    // Public routes ignore all input.
    if (operation.security?.length === 0) continue;
    operation.parameters ??= [];
    if (
      !operation.parameters.some((parameter) => 'name' in parameter && parameter.name === 'Prefer')
    )
      operation.parameters.push({ ...HANDLING_HEADER, in: 'header' });
    for (const status of ['200', '201', '202']) {
      const answer = operation.responses[status];
      const content =
        answer && 'content' in answer ? answer.content?.['application/json'] : undefined;
      if (!content?.schema) continue;
      content.schema = { allOf: [content.schema, { $ref: '#/components/schemas/Warned' }] };
    }
  }
}

/** Serves `/openapi.json` and the reference page, without files from other servers. */
export function serveApiReference(app: INestApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= describeApi(app)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Aurra API',
    swaggerOptions: {
      // By default the page sends the document to a validator on the internet.
      validatorUrl: null,
      persistAuthorization: false,
      displayRequestDuration: true,
    },
  });
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf({ paths }: OpenAPIObject): readonly Operation[] {
  return Object.values(paths).flatMap(({ get, post, patch, put, delete: remove }) =>
    [get, post, patch, put, remove].filter((operation) => operation !== undefined),
  );
}
