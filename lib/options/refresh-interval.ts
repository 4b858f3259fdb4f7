/** How often a fleet refreshes: the one place that knows what is allowed, and the default. */
import type { NumberRange } from './option-report.js';

export const DAY_MS = 86_400_000;

export const refreshInterval: NumberRange = { min: 100, max: DAY_MS, fallback: 30_000 };
