/**
 * Ends a request with a redirect. The `Location` header is on the response already when this is
 * thrown, so it reaches the client through any exception filter that keeps the status.
 */
import { HttpException } from '@nestjs/common';

/** @publicApi */
export class FeatureRedirectException extends HttpException {
  constructor(
    readonly location: string,
    status: number,
  ) {
    super(`Redirecting to ${location}`, status);
  }
}
