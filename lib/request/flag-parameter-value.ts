/**
 * What a flag parameter is until its pipe turns it into the flag's value. It shows nothing of
 * itself, so that global pipes that walk through values leave it alone.
 */
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** The flags that the parameters of a method ask for. */
export const FlagParameters = Reflector.createDecorator<readonly string[]>({
  key: 'nestjs-feature-flags:parameters',
});

export interface AskedParameter {
  readonly key: string;
  readonly part: 'enabled' | 'variant' | 'payload' | 'result';
}

export class FlagParameterValue {
  readonly #asked: AskedParameter;
  readonly #ctx: ExecutionContext;

  constructor(asked: AskedParameter, ctx: ExecutionContext) {
    this.#asked = asked;
    this.#ctx = ctx;
  }

  get asked(): AskedParameter {
    return this.#asked;
  }

  get ctx(): ExecutionContext {
    return this.#ctx;
  }
}
