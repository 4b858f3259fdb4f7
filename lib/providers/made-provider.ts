/** A provider whose factory is held against the class that it makes. */
import type { FactoryProvider, Provider, Type } from '@nestjs/common';

export function made<T>(
  provide: Type<T> | (abstract new (...args: never[]) => T),
  inject: FactoryProvider['inject'],
  useFactory: (...args: never[]) => T,
): Provider {
  return { provide, inject, useFactory } as FactoryProvider<T>;
}
