import { describe, expect, it } from 'vitest';

import { describedApi } from '../support/described-api.js';

describe('docs/openapi.json', () => {
  it('is what the schemas say: `npm run openapi` writes it', async () => {
    await expect(await describedApi()).toMatchFileSnapshot('../../docs/openapi.json');
  });
});
