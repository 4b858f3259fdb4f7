/** Settings of a refresh cycle: the defaults, save that a fetch may take a minute. */
import type { RefreshSettings } from '../../lib/core/refresh/refresh-settings.js';

export const refreshSettings: RefreshSettings = {
  intervalMs: 30_000,
  checkMs: 5_000,
  jitter: 0.1,
  cacheTimeoutMs: 1_000,
  fetchTimeoutMs: 60_000,
  coldWaitMs: 2_000,
  confirmDropAbove: 0.5,
  onQuotaExceeded: 'keep',
  compile: {},
};
