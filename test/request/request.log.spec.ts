import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from '@jest/globals';
import { OverrideStack } from '../../lib/core/overrides/override-stack.js';
import { SnapshotStore } from '../../lib/core/snapshot/snapshot-store.js';
import { OverridesLog } from '../../lib/log/overrides.log.js';
import { RequestContexts } from '../../lib/request/request-contexts.js';
import { RequestOverrides } from '../../lib/request/request-overrides.js';
import { RequestScopes } from '../../lib/request/request-scopes.js';
import { RequestLog } from '../../lib/request/request.log.js';
import { ManualClock } from '../../lib/testing.js';
import { KeptLog } from '../support/kept-log.js';
import { localOnly } from '../support/scripted-remote.js';

class Shop {
  list() {
    return 'list';
  }

  buy() {
    return 'buy';
  }
}

describe('a resolver that fails on every request', () => {
  it('is told once a minute for each route, with how many requests it has failed since', async () => {
    const clock = new ManualClock();
    const kept = new KeptLog();
    const contexts = new RequestContexts(() => {
      throw new Error('no session');
    });
    const log = new RequestLog(kept, clock);
    const overridesLog = new OverridesLog(kept, clock);
    const scopes = new RequestScopes({
      store: new SnapshotStore(),
      contexts,
      log,
      chain: localOnly(clock),
      overrides: new RequestOverrides({
        settings: undefined,
        stack: new OverrideStack(overridesLog),
        clock,
        log: overridesLog,
      }),
    });
    const ask = (method: keyof Shop) => {
      const request = new ExecutionContextHost([{}, {}], Shop, Shop.prototype[method]);
      // Many flags of one request are one failure.
      for (let flag = 0; flag < 3; flag += 1) void scopes.of(request).context();
    };
    ask('list');
    ask('list');
    ask('buy');
    await clock.advance(59_999);
    ask('list');
    expect(kept.failed.map(placeAndRepeats)).toEqual(['Shop.list', 'Shop.buy']);
    await clock.advance(1);
    ask('list');
    await clock.advance(60_000);
    ask('list');
    expect(kept.failed.slice(2).map(placeAndRepeats)).toEqual([
      'Shop.list (2 more since the last time)',
      'Shop.list',
    ]);
  });
});

function placeAndRepeats(message: string): string | undefined {
  return /^The context resolver failed on (.*?): no session\b/.exec(message)?.[1];
}
