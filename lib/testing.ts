/**
 * The door `nestjs-feature-flags/testing`: what an app's own tests may want in their hands.
 * Nothing in the library imports it.
 */
export { ManualClock } from './testing/manual-clock.js';
export type { CancelTimer, Clock, TimerOptions } from './core/time/clock.js';
