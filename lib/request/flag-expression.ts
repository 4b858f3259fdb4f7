/**
 * What a route asks of flags, as written at the route, and the same compiled once: the flags it
 * needs and a judgement in three values. Unknown stays unknown unless the known parts decide:
 * `any` is satisfied by one yes, `all` is refused by one no.
 */
import { FlagsError } from '../core/errors/flags-error.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';

/**
 * A flag's key (satisfied when the flag is on or has a variant), a flag with the variant it must
 * have, or a combination of such.
 * @publicApi
 */
export type FlagExpression =
  | string
  | { readonly flag: string; readonly variant: string }
  | { readonly all: readonly FlagExpression[] }
  | { readonly any: readonly FlagExpression[] }
  | { readonly not: FlagExpression };

/**
 * Whether an expression is satisfied; unknown when that depends on an unresolved flag.
 * @publicApi
 */
export type Verdict = 'yes' | 'no' | 'unknown';

export interface CompiledExpression {
  /** The flags it depends on, each once. */
  readonly keys: readonly string[];
  /** Takes the evaluations of `keys`, in the same order. */
  readonly judge: (evaluations: readonly FlagEvaluation[]) => Verdict;
}

type Judge = CompiledExpression['judge'];

const forms = 'a flag key, { flag, variant }, { all: […] }, { any: […] } or { not: … }';

/** @throws FlagsError `invalid-options` for anything that is no expression. */
export function compileExpression(expression: FlagExpression): CompiledExpression {
  const keys: string[] = [];
  return { judge: compile(expression, keys), keys };
}

function compile(expression: FlagExpression, keys: string[]): Judge {
  if (typeof expression === 'string') return flag(expression, undefined, keys);
  const written: unknown = expression;
  if (typeof written !== 'object' || written === null || Object.keys(written).length === 0) {
    throw invalid(`expected ${forms}, got ${written === null ? 'null' : typeof written}`);
  }
  const names = Object.keys(written).sort().join(', ');
  if (names === 'flag, variant' && 'flag' in expression) {
    return flag(expression.flag, expression.variant, keys);
  }
  if (names === 'all' && 'all' in expression) {
    return combine(parts('all', expression.all, keys), 'no', 'yes');
  }
  if (names === 'any' && 'any' in expression) {
    return combine(parts('any', expression.any, keys), 'yes', 'no');
  }
  if (names === 'not' && 'not' in expression) return negate(compile(expression.not, keys));
  throw invalid(`expected ${forms}, got an object with ${names}`);
}

function flag(key: unknown, variant: unknown, keys: string[]): Judge {
  if (typeof key !== 'string' || key.trim() === '') {
    throw invalid(`expected the key of a flag, got ${key === '' ? 'an empty string' : typeof key}`);
  }
  if (variant !== undefined && (typeof variant !== 'string' || variant === '')) {
    throw invalid(`the variant of "${key}" must be the key of a variant`);
  }
  if (!keys.includes(key)) keys.push(key);
  const index = keys.indexOf(key);
  return (evaluations) => {
    const evaluation = evaluations[index];
    if (evaluation?.value === undefined) return 'unknown';
    const isOn = variant === undefined ? evaluation.enabled : evaluation.value === variant;
    return isOn ? 'yes' : 'no';
  };
}

function parts(name: string, expressions: unknown, keys: string[]): readonly Judge[] {
  if (!Array.isArray(expressions) || expressions.length === 0) {
    throw invalid(`\`${name}\` needs a list of at least one flag`);
  }
  return expressions.map((part: FlagExpression) => compile(part, keys));
}

/** One `decisive` part decides; otherwise one unknown part leaves it open. */
function combine(judges: readonly Judge[], decisive: Verdict, otherwise: Verdict): Judge {
  return (evaluations) => {
    let verdict = otherwise;
    for (const judge of judges) {
      const part = judge(evaluations);
      if (part === decisive) return decisive;
      if (part === 'unknown') verdict = 'unknown';
    }
    return verdict;
  };
}

const opposite = { yes: 'no', no: 'yes', unknown: 'unknown' } as const;

function negate(judge: Judge): Judge {
  return (evaluations) => opposite[judge(evaluations)];
}

function invalid(what: string): FlagsError {
  return new FlagsError(`@FeatureFlag: ${what}.`, { code: 'invalid-options' });
}
