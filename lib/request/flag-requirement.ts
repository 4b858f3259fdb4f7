/**
 * A requirement is one `@FeatureFlag` of a route or a controller, checked and compiled when the
 * class is defined. This file also keeps them: as metadata, in the order in which they are written.
 */
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { FlagsError } from '../core/errors/flags-error.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';
import { compileExpression } from './flag-expression.js';
import type { FlagExpression, Verdict } from './flag-expression.js';

/** Sends the client elsewhere. @publicApi */
export interface FlagRedirect {
  readonly redirect: string | ((ctx: ExecutionContext) => string);
  /** 301, 302, 303, 307 or 308. Clients remember 301 and 308 for good, flag or no flag. @default 302 */
  readonly status?: number;
}

/** Lets another method of the same controller answer. @publicApi */
export interface FlagFallback {
  /**
   * The method's name. It has parameter decorators of its own and returns its answer (so no
   * `@Res()` unless with passthrough); guards, interceptors, status and headers are those of the
   * route it stands in for. An interceptor that caches responses is among them: do not use one on
   * such a route, it would give one person's answer to another.
   */
  readonly handler: string;
}

/** Makes the exception to refuse with; it replaces the 404. @publicApi */
export type FlagRefusalFactory<TEvaluated> = (
  evaluated: TEvaluated,
  ctx: ExecutionContext,
) => Error;

/**
 * What `@FeatureFlag` takes beside the flag. `TEvaluated` is the flag's evaluation, or the list of
 * them when the requirement is an expression.
 * @publicApi
 */
export interface FeatureFlagOptions<TEvaluated = FlagEvaluation> {
  /** What happens when the flag is not satisfied. @default 404, as if there were no such route */
  readonly otherwise?: FlagRefusalFactory<TEvaluated> | FlagRedirect | FlagFallback;
  /** What happens when the flag is unresolved: nobody passes, or everybody. @default 'refuse' */
  readonly whenUnresolved?: 'refuse' | 'allow';
}

/** The same for a single flag. @publicApi */
export interface SingleFlagOptions extends FeatureFlagOptions {
  /** The variant that the flag must have. @default any, or simply on */
  readonly variant?: string;
}

/** One compiled `@FeatureFlag`. @publicApi */
export interface FlagRequirement {
  /** The flags it depends on. */
  readonly keys: readonly string[];
  /** Whether evaluations of `keys`, in the same order, satisfy it. */
  readonly judge: (evaluations: readonly FlagEvaluation[]) => Verdict;
  /** Whether the decorator names one flag only. */
  readonly isSingle: boolean;
  readonly otherwise:
    | FlagRefusalFactory<FlagEvaluation | readonly FlagEvaluation[]>
    | FlagRedirect
    | FlagFallback
    | undefined;
  readonly whenUnresolved: 'refuse' | 'allow';
}

/** The requirements of a class or a method, as typed metadata. */
export const FlagRequirements = Reflector.createDecorator<readonly FlagRequirement[]>({
  key: 'nestjs-feature-flags:requirements',
});

const known = new Set(['variant', 'otherwise', 'whenUnresolved']);
const redirectStatus = new Set([301, 302, 303, 307, 308]);

/** @throws FlagsError `invalid-options` at the first thing that is wrong. */
export function compileRequirement(
  written: FlagExpression,
  options: SingleFlagOptions | FeatureFlagOptions<readonly FlagEvaluation[]>,
): FlagRequirement {
  const isSingle = typeof written === 'string';
  const expression = compileExpression(withVariant(written, options));
  const where = `@FeatureFlag(${isSingle ? `'${written}'` : expression.keys.join(', ')})`;
  const unknown = Object.keys(options).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw invalid(`${where} has no option ${unknown.join(', ')}; it has ${[...known].join(', ')}`);
  }
  const { otherwise, whenUnresolved = 'refuse' } = options;
  if (whenUnresolved !== 'refuse' && whenUnresolved !== 'allow') {
    throw invalid(`${where}: whenUnresolved must be 'refuse' or 'allow'`);
  }
  checkOtherwise(otherwise, where);
  return Object.freeze({
    ...expression,
    isSingle,
    otherwise: otherwise as FlagRequirement['otherwise'],
    whenUnresolved,
  });
}

function withVariant(
  written: FlagExpression,
  options: SingleFlagOptions | FeatureFlagOptions<readonly FlagEvaluation[]>,
): FlagExpression {
  const variant = 'variant' in options ? options.variant : undefined;
  if (variant === undefined) return written;
  if (typeof written === 'string') return { flag: written, variant };
  throw invalid(
    '@FeatureFlag: the option `variant` belongs to a single flag; in an expression write { flag, variant }',
  );
}

function checkOtherwise(otherwise: unknown, where: string): void {
  if (otherwise === undefined || typeof otherwise === 'function') return;
  const written = (typeof otherwise === 'object' && otherwise !== null ? otherwise : {}) as Partial<
    FlagRedirect & FlagFallback
  >;
  const { redirect, handler, status } = written;
  const hasTarget =
    typeof redirect === 'function' || (typeof redirect === 'string' && redirect !== '');
  const isRedirect = hasTarget && handler === undefined;
  const isFallback = typeof handler === 'string' && redirect === undefined;
  if (!isRedirect && !isFallback) {
    throw invalid(
      `${where}: otherwise must be a function that makes an exception, { redirect: url, status? } or { handler: 'methodName' }`,
    );
  }
  if (status !== undefined && (isFallback || !redirectStatus.has(status))) {
    throw invalid(`${where}: the status of a redirect is one of ${[...redirectStatus].join(', ')}`);
  }
}

function invalid(what: string): FlagsError {
  return new FlagsError(`${what}.`, { code: 'invalid-options' });
}
