/** The rules of the house, held against what lies in `lib/`. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { arrows, doors } from './arrows.js';
import { circles, forbiddenImports, looseTimers, unnamedExports, untidyFiles } from './faults.js';
import { readHouse } from './house.js';

const house = readHouse(fileURLToPath(new URL('../../lib', import.meta.url)));

describe('lib/', () => {
  it('imports only along the arrows', () => {
    expect(forbiddenImports(house, arrows, doors)).toEqual([]);
  });

  it('has no circle of imports, types included', () => {
    expect(circles(house)).toEqual([]);
  });

  it('exports by name: no export *, no default export', () => {
    expect(unnamedExports(house)).toEqual([]);
  });

  it('has small files with speaking names that open with what they promise', () => {
    expect(untidyFiles(house, 250)).toEqual([]);
  });

  it('sets timers through a clock only', () => {
    // The contracts wait for stores that have no clock in hand.
    const waiting = ['testing/manual-clock.ts', 'testing/contract/contract-time.ts'];
    expect(looseTimers(house, ['core/time/clock.ts', ...waiting])).toEqual([]);
  });
});

/** A check that looks at nothing passes. So: it must have seen the house, and every part of it. */
describe('what the checks have seen', () => {
  it('is not too little', () => {
    const imports = house.flatMap((module) => module.imports);
    expect(house.length).toBeGreaterThanOrEqual(60);
    expect(imports.length).toBeGreaterThanOrEqual(200);
    expect(imports.filter(({ file }) => file !== undefined).length).toBeGreaterThanOrEqual(150);
  });

  it.each([
    ['core/evaluation/', 15],
    ['core/definitions/', 4],
    ['core/refresh/', 3],
    ['posthog/', 2],
    ['sources/', 2],
    ['polling/', 1],
    ['request/', 5],
  ])('has files in %s (at least %i)', (part, least) => {
    const files = house.filter(({ path }) => path.startsWith(part));
    expect(files.length).toBeGreaterThanOrEqual(least);
  });

  it.each(['re2js', '@nestjs/common', '@nestjs/schedule', 'node:crypto', 'rxjs'])(
    'includes an import of %s',
    (specifier) => {
      const importers = house.filter(({ imports }) =>
        imports.some((imported) => imported.specifier === specifier),
      );
      expect(importers).not.toEqual([]);
    },
  );
});
