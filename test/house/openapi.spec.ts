import { describe, expect, it } from 'vitest';

import { describedApi } from '../support/described-api.js';

describe('docs/openapi.json', () => {
  it('equals the document made from the schemas: `npm run openapi` writes it', async () => {
    await expect(await describedApi()).toMatchFileSnapshot('../../docs/openapi.json');
  });
});
