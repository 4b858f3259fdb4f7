/** Each rule of the house is broken once, on a small house made for it, and must say so. */
import { describe, expect, it } from '@jest/globals';
import { arrows, doors } from './arrows.js';
import { circles, forbiddenImports, looseTimers, unnamedExports, untidyFiles } from './faults.js';
import { houseOf } from './house.js';

const forbidden = (texts: Record<string, string>) =>
  forbiddenImports(houseOf(texts), arrows, doors);

describe('the arrows', () => {
  it.each([
    ['Nest in core', 'core/cache/a.ts', `import { Injectable } from '@nestjs/common';`],
    ['a vendor in core', 'core/cache/a.ts', `import type { RedisClientType } from 'redis';`],
    ['the file system in core', 'core/cache/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['zlib in evaluation', 'core/evaluation/a.ts', `import { gzipSync } from 'node:zlib';`],
    ['re2js outside evaluation', 'core/refresh/a.ts', `import { RE2JS } from 're2js';`],
    ['a package of a similar name', 'core/evaluation/a.ts', `import { x } from 're2js/x';`],
    ['the scheduler in the face', 'flags.service.ts', `import { x } from '@nestjs/schedule';`],
    ['an import type node', 'core/cache/a.ts', `export type A = import('rxjs').Observable<1>;`],
    ['a dynamic import', 'core/cache/a.ts', `export const a = () => import('rxjs');`],
    ['a computed import', 'core/cache/a.ts', `export const a = (b: string) => import(b);`],
    ['a re-export', 'core/cache/a.ts', `export { Observable } from 'rxjs';`],
    ['a require', 'core/cache/a.ts', `export const a = require('rxjs');`],
    ['an import for its effect', 'core/cache/a.ts', `import 'reflect-metadata';`],
  ])('report %s', (_what, path, text) => {
    expect(forbidden({ [path]: text })).toHaveLength(1);
  });

  it.each([
    ['evaluation -> refresh', 'core/evaluation/a.ts', 'core/refresh/b.ts', '../refresh/b.js'],
    ['definitions -> cache', 'core/definitions/a.ts', 'core/cache/b.ts', '../cache/b.js'],
    ['core -> posthog', 'core/refresh/a.ts', 'posthog/b.ts', '../../posthog/b.js'],
    ['core -> face', 'core/refresh/a.ts', 'flags.service.ts', '../../flags.service.js'],
    ['a cache -> its sibling', 'caches/file/a.ts', 'caches/redis/b.ts', '../redis/b.js'],
    ['a cache -> face', 'caches/file/a.ts', 'flags.service.ts', '../../flags.service.js'],
    ['posthog -> sources', 'posthog/a.ts', 'sources/b.ts', '../sources/b.js'],
    ['face -> a cache', 'flags.service.ts', 'caches/redis/b.ts', './caches/redis/b.js'],
    ['face -> testing', 'flags.service.ts', 'testing/b.ts', './testing/b.js'],
    ['request -> posthog', 'request/a.ts', 'posthog/b.ts', '../posthog/b.js'],
  ])('report %s, types included', (_what, from, to, specifier) => {
    const target = 'export interface B {}';
    expect(forbidden({ [from]: `import type { B } from '${specifier}';`, [to]: target })).toEqual([
      expect.stringContaining(`${from}:1 imports ${to}`),
    ]);
  });

  it.each([
    ['a cache -> its own folder', 'caches/file/a.ts', 'caches/file/b.ts', './b.js'],
    ['a cache -> core', 'caches/file/a.ts', 'core/cache/b.ts', '../../core/cache/b.js'],
    [
      'evaluation -> definitions',
      'core/evaluation/a.ts',
      'core/definitions/b.ts',
      '../definitions/b.js',
    ],
    [
      'face -> cache-manager',
      'flags.service.ts',
      'caches/cache-manager/b.ts',
      './caches/cache-manager/b.js',
    ],
  ])('allow %s', (_what, from, to, specifier) => {
    const texts = { [from]: `import { b } from '${specifier}';`, [to]: 'export const b = 1;' };
    expect(forbidden(texts)).toEqual([]);
  });

  it('report an import of a door, of nothing, and of what lies outside lib/', () => {
    const door = { 'index.ts': '', 'request/a.ts': `import { x } from '../index.js';` };
    expect(forbidden(door)).toEqual([expect.stringContaining('imports the door index.ts')]);
    const nowhere = { 'core/time/a.ts': `import { x } from './missing.js';` };
    expect(forbidden(nowhere)).toEqual([expect.stringContaining('no such file')]);
    const outside = { 'core/time/a.ts': `import { x } from '../../../test/b.js';` };
    expect(forbidden(outside)).toEqual([expect.stringContaining('no such file')]);
  });

  it('report a file for which there is no rule', () => {
    expect(forbidden({ 'attic/a.ts': '' })).toEqual([expect.stringContaining('no rule')]);
  });
});

describe('the other rules', () => {
  it('report a circle of three, closed by a type', () => {
    const texts = {
      'a.ts': `import { b } from './b.js';`,
      'b.ts': `import { c } from './c.js';`,
      'c.ts': `import type { A } from './a.js';`,
    };
    expect(circles(houseOf(texts))).toEqual(['a.ts -> b.ts -> c.ts -> a.ts']);
  });

  it('report a file that imports itself, and none where two ways lead to one file', () => {
    expect(circles(houseOf({ 'a.ts': `import { x } from './a.js';` }))).toHaveLength(1);
    const diamond = {
      'a.ts': `import './b.js'; import './c.js';`,
      'b.ts': `import './d.js';`,
      'c.ts': `import './d.js';`,
      'd.ts': '',
    };
    expect(circles(houseOf(diamond))).toEqual([]);
  });

  it.each([
    `export * from './b.js';`,
    `export * as b from './b.js';`,
    'export default 1;',
    'export default class A {}',
    'export default function a() {}',
    `export { b as default } from './b.js';`,
  ])('report %s', (text) => {
    expect(unnamedExports(houseOf({ 'a.ts': text }))).toHaveLength(1);
  });

  it.each([
    ['a long file', 'a.ts', `/** A. */\n${'\n'.repeat(249)}export {};`],
    ['a file in CamelCase', 'flagService.ts', '/** A. */'],
    ['an empty name', 'cache-utils.ts', '/** A. */'],
    ['a file that does not say what it promises', 'a.ts', 'export {};'],
  ])('report %s', (_what, path, text) => {
    expect(untidyFiles(houseOf({ [path]: text }), 250)).toHaveLength(1);
  });

  it('report a timer outside the clock, and accept it there', () => {
    const text = 'setTimeout(() => undefined, 1); globalThis.setInterval(() => undefined, 1);';
    expect(looseTimers(houseOf({ 'a.ts': text }), ['clock.ts'])).toHaveLength(2);
    expect(looseTimers(houseOf({ 'clock.ts': text }), ['clock.ts'])).toEqual([]);
  });
});
