/** Looks for the mistakes that are planted by the mutations. */
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { mutations } from './mutations.js';
import { runFidelity } from './run.js';

/** By mutation, the first mistake that the comparison finds where it is planted on our side. */
export async function hunt(evaluations: number): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const [name, mutate] of Object.entries(mutations)) {
    const { mistakes } = await runFidelity({
      compile: (definitions, options) => compileFlagDefinitions(mutate(definitions), options),
      evaluations,
      seed: 1,
      maxMistakes: 1,
      shrinkTries: 0,
    });
    found[name] = mistakes;
  }
  return found;
}
