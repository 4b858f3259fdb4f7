/** What overrides flags: for the process in code, and for one request by its signature. */
import type { Provider } from '@nestjs/common';
import { OverrideStack } from '../core/overrides/override-stack.js';
import type { Clock } from '../core/time/clock.js';
import type { ResolvedOptions } from '../options/feature-flags.resolved-options.js';
import { CLOCK, RESOLVED_OPTIONS } from '../feature-flags.tokens.js';
import { made } from './made-provider.js';
import { OverridesLog } from '../log/overrides.log.js';
import { RequestOverrides } from '../request/request-overrides.js';
import { safeLogger } from '../log/safe-logger.js';

export const overrideProviders: Provider[] = [
  made(OverridesLog, [RESOLVED_OPTIONS, CLOCK], ({ logger }: ResolvedOptions, clock: Clock) => {
    return new OverridesLog(safeLogger(logger), clock);
  }),
  made(OverrideStack, [OverridesLog], (log: OverridesLog) => new OverrideStack(log)),
  made(
    RequestOverrides,
    [RESOLVED_OPTIONS, OverrideStack, CLOCK, OverridesLog],
    (
      { overrides: settings }: ResolvedOptions,
      stack: OverrideStack,
      clock: Clock,
      log: OverridesLog,
    ) => {
      if (settings !== undefined) log.signedOnesAllowed(settings);
      return new RequestOverrides({ settings, stack, clock, log });
    },
  ),
];
