/** Every door leads to a file, every file that is meant to be a door has one, in every format. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { doors as doorFiles } from '../architecture/arrows.js';
import { readHouse } from '../architecture/house.js';
import { doors, manifest } from './doors.js';
import { root } from './pack.mjs';

const house = readHouse(join(root, 'lib'));

/**
 * No door leads to them: the model that simulations and the comparison with Redis run against, and
 * the command, to which `bin` leads.
 */
const withoutDoor: readonly string[] = ['core/cache/memory-record-store.ts', 'cli/main.ts'];

describe.each(doors)('the door $name', ({ conditions }) => {
  it('has its three conditions, the one for a single copy first', () => {
    expect(Object.keys(conditions)).toEqual(['module-sync', 'import', 'require']);
  });

  it.each(['module-sync', 'import', 'require'])('has types and code under %s', (condition) => {
    const target = conditions[condition];
    expect(Object.keys(target ?? {})).toEqual(['types', 'default']);
    expect(target?.types).toBe(target?.default.replace(/\.js$/, '.d.ts'));
    expect(target?.default).toContain(condition === 'require' ? './dist/cjs/' : './dist/esm/');
    for (const file of Object.values(target ?? {})) expect(existsSync(join(root, file))).toBe(true);
  });

  it('leads to the same source in each format', () => {
    const sources = Object.values(conditions).map((target) => sourceOf(target.default));
    expect(new Set(sources).size).toBe(1);
  });
});

describe('the doors and the house', () => {
  const targets = doors.map(({ conditions }) => sourceOf(conditions['import']?.default ?? ''));

  it('agree: what nothing in lib/ imports is a door, and a door is imported by nothing', () => {
    const imported = new Set(house.flatMap(({ imports }) => imports.map(({ file }) => file)));
    const entries = house.map(({ path }) => path).filter((path) => !imported.has(path));
    const isAwaited = (path: string) => withoutDoor.some((part) => path.startsWith(part));
    expect(entries.filter((path) => !isAwaited(path))).toEqual(targets.toSorted());
  });

  it('agree with the list of doors that the architecture checks use', () => {
    expect(targets.toSorted()).toEqual(doorFiles.toSorted());
  });

  it('have no wildcard, and nothing but the manifest beside the code', () => {
    const names = Object.keys(manifest.exports);
    expect(names.filter((name) => name.includes('*'))).toEqual([]);
    expect(names.filter((name) => !doors.some((door) => door.name === name))).toEqual([
      './package.json',
    ]);
  });

  it('leave the command to be run by its name', () => {
    expect(manifest.bin).toEqual({ [manifest.name]: './dist/esm/cli/main.js' });
    const text = readFileSync(join(root, 'dist/esm/cli/main.js'), 'utf8');
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('give tools that know no exports map the main door', () => {
    const main = doors.find(({ name }) => name === '.')?.conditions['require'];
    expect(manifest.main).toBe(main?.default);
    expect(manifest.types).toBe(main?.types);
  });
});

/** `./dist/esm/evaluation.js` -> `evaluation.ts` */
function sourceOf(target: string): string {
  return target.replace(/^\.\/dist\/(esm|cjs)\//, '').replace(/\.js$/, '.ts');
}
