/**
 * What a refused request is answered with: 404, in the words in which the app answers for routes
 * that do not exist, so that a client cannot tell a hidden feature from none.
 */
import { NotFoundException } from '@nestjs/common';
import type { FlagEvaluation } from '../core/evaluation/flag-evaluation.js';

/** Carries the evaluations for exception filters; they are no part of the response. @publicApi */
export class FeatureDisabledException extends NotFoundException {
  constructor(
    readonly evaluations: readonly FlagEvaluation[],
    message = 'Not Found',
  ) {
    super(message);
  }
}
