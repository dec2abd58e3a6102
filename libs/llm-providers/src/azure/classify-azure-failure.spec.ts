import { describe, expect, it } from 'vitest';

import { readFailure } from '../errors/provider-failure.js';
import { azureRecordings } from './__fixtures__/recordings.js';
import { classifyAzureFailure } from './classify-azure-failure.js';

const of404 = (error: unknown): string =>
  classifyAzureFailure(readFailure({ error }, 404, new Headers()));

describe('a failure of Azure', () => {
  it.each(Object.entries({ ...azureRecordings.failures, ...azureRecordings.others }))(
    '%s',
    (_title, { status, body, code }) => {
      expect(classifyAzureFailure(readFailure(body, status, new Headers()))).toBe(code);
    },
  );

  it('distinguishes its three kinds of 404', () => {
    expect(
      of404({
        code: 'DeploymentNotFound',
        message: 'The API deployment for this resource does not exist.',
      }),
    ).toBe('llm_model_invalid');
    expect(of404({ code: '404', message: 'Resource not found' })).toBe('llm_endpoint_invalid');
    expect(of404({ code: 'model_not_found', message: 'The model does not exist.' })).toBe(
      'llm_model_invalid',
    );
  });
});
