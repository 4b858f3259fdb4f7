/** All invariants over one trace. Pure: the same trace, the same violations. */
import type { TraceEvent } from '../trace.js';
import { costChecks } from './cost.js';
import { livenessChecks } from './liveness.js';
import { safetyChecks } from './safety.js';
import type { TraceFacts, Violation } from './violation.js';

export function checkTrace(trace: readonly TraceEvent[], facts: TraceFacts): Violation[] {
  return [...safetyChecks, ...livenessChecks, ...costChecks].flatMap((check) =>
    check(trace, facts),
  );
}
