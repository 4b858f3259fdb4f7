/** A flag in one snapshot: its plan, which outlives the snapshot, and what it can answer there. */
import type { Compilation } from './compilation.js';
import type { FlagPlan } from './compile-flag.js';
import { decideFlag, type FlagInSnapshot } from './decide-flag.js';
import { asRecord } from './definition-reader.js';
import { definitionSupport, type DefinitionSupport } from './definition-support.js';
import type { Decidable, EvaluationRun } from './evaluation-run.js';
import { FlagOutcomes, type Outcome } from './flag-outcomes.js';

export class CompiledFlag implements Decidable, FlagInSnapshot {
  readonly outcomes: FlagOutcomes;
  #support: DefinitionSupport | undefined;

  constructor(
    readonly plan: FlagPlan,
    readonly position: number,
    readonly compilation: Compilation,
  ) {
    const { key, filters } = plan.definition;
    const payloads = asRecord(filters)?.['payloads'];
    this.outcomes = new FlagOutcomes(key, compilation.revision, payloads);
  }

  /** Unresolved when the evaluation could not even begin. */
  decide(run: EvaluationRun): Outcome {
    const { plan, outcomes } = this;
    if (run.unknown !== undefined) return outcomes.unresolved(run.unknown);
    if (plan.fixed === undefined) return decideFlag(plan, this, run);
    return plan.fixed === 'disabled' ? outcomes.off('disabled') : outcomes.unresolved(plan.fixed);
  }

  support(): DefinitionSupport {
    return (this.#support ??= definitionSupport(this.plan.definition, this.compilation));
  }
}
