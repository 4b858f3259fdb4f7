/** What an app leaves behind in its process: nothing. */
import { expect, it } from '@jest/globals';
import { RequestScopes } from '../../lib/request/request-scopes.js';
import { startApp } from './platforms.js';

it('a closed app has no storage at work, which would slow every promise of the process', async () => {
  const { app } = await startApp('Express', {});
  const scopes = app.get(RequestScopes);
  const scope = scopes.ofHttp({});
  await scopes.run(scope, async () => {
    expect(scopes.current).toBe(scope);
    await app.close();
    expect(scopes.current).toBeUndefined();
  });
});
