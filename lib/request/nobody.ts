/** The context of a request in which nobody is known: it makes every flag unresolved. */
import type { EvaluationContext } from '../core/evaluation/evaluation-context.js';

export const nobody: EvaluationContext = Object.freeze({ distinctId: '' });
