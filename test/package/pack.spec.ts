/** What a user downloads: the built library and the four files about it, and nothing else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readHouse } from '../architecture/house.js';
import { type PackedPackage, packInto, root } from './pack.mjs';

describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flags-pack-'));
  let packed: PackedPackage;
  let paths: string[];
  beforeAll(async () => {
    packed = await packInto(folder);
    paths = packed.files.map(({ path }) => path);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the code in both formats, and the four files about it', () => {
    const others = paths.filter((path) => !/^dist\/(esm|cjs)\/.+\.(js|d\.ts)$/.test(path));
    expect(others.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cjs/package.json',
      'package.json',
    ]);
  });

  it('holds each file of lib/ once per format, and nothing left over from an older build', () => {
    const sources = readHouse(join(root, 'lib')).map(({ path }) => path.replace(/\.ts$/, ''));
    const expected = ['esm', 'cjs'].flatMap((format) =>
      sources.flatMap((source) => [`dist/${format}/${source}.js`, `dist/${format}/${source}.d.ts`]),
    );
    const built = paths.filter((path) => /^dist\/.*\.(js|ts)$/.test(path));
    expect(built.toSorted()).toEqual(expected.toSorted());
  });

  it('holds no map, since a map would point to sources that are not in it', () => {
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
  });

  it('stays small: a change of this number is a decision', () => {
    expect(packed.size).toBeLessThan(650_000);
    expect(packed.unpackedSize).toBeLessThan(3_700_000);
  });
});
