/** Turns a flag parameter into its value. Nest makes it, so it has what a decorator cannot have. */
import { Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import type { Awaitable } from '../core/cache/flag-definition-cache-provider.js';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';
import { unexposed } from '../evaluate-options.js';
import { isPromiseLike } from '../is-promise-like.js';
import type { AskedParameter, FlagParameterValue } from './flag-parameter-value.js';
import { RequestScopes } from './request-scopes.js';

@Injectable()
export class FlagParameterPipe implements PipeTransform<FlagParameterValue, Awaitable<unknown>> {
  constructor(private readonly scopes: RequestScopes) {}

  transform({ asked, ctx }: FlagParameterValue): Awaitable<unknown> {
    const scope = this.scopes.of(ctx);
    const context = scope.context();
    const options = asked.part === 'payload' ? unexposed : undefined;
    const evaluation = isPromiseLike(context)
      ? Promise.resolve(context).then((known) => scope.evaluateFully(asked.key, known, options))
      : scope.evaluateFully(asked.key, context, options);
    return isPromiseLike(evaluation)
      ? evaluation.then((known) => partOf(known, asked.part))
      : partOf(evaluation, asked.part);
  }
}

function partOf(evaluation: FlagEvaluation, part: AskedParameter['part']): unknown {
  return part === 'result' ? evaluation : evaluation[part];
}
