/** The test that docs/usage.md shows is run as it stands there, against a module of an app. */
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { transformSync } from '@swc/core';
import request from 'supertest';
import {
  FeatureFlag,
  FeatureFlagsModule,
  FlagsService,
  FlagVariant,
  StaticDefinitionSource,
} from '../../lib/index.js';

const page = readFileSync(new URL('../../docs/usage.md', import.meta.url), 'utf8');
const example = /## In tests[^]*?```ts\n([^]*?)```/.exec(page)?.[1] ?? '';

const served: unknown[] = [];

@Controller('checkout')
class Checkout {
  @FeatureFlag('new-checkout')
  @Get()
  show(@FlagVariant('theme') theme: string | undefined) {
    served.push(theme);
    return { theme };
  }
}

@Module({ controllers: [Checkout] })
class CheckoutModule {}

describe('the test in docs/usage.md', () => {
  const names = { afterAll, afterEach, beforeAll, it, request, Test, CheckoutModule, FeatureFlagsModule, FlagsService, StaticDefinitionSource }; // prettier-ignore
  const { code } = transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, isModule: false }); // prettier-ignore
  const define = compileFunction(code, Object.keys(names)) as (...values: unknown[]) => void;
  define(...Object.values(names));

  it('has run, and was served what it overrides', () => {
    expect(served).toEqual(['dark']);
  });
});
