/** Every dependency is accounted for in docs/dependencies.md, and the lock binds to no registry. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './pack.mjs';

type Versions = Readonly<Record<string, string>>;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Readonly<
  Record<'dependencies' | 'peerDependencies' | 'devDependencies', Versions>
>;
const [, installed = '', peers = '', development = ''] =
  read('docs/dependencies.md').split('\n## ');

describe('docs/dependencies.md', () => {
  it.each([
    ['dependencies', installed],
    ['peerDependencies', peers],
    ['devDependencies', development],
  ] as const)('has a line for each of %s, and for nothing else', (group, section) => {
    const listed = [...section.matchAll(/^\| \[?`([^`]+)`/gm)].map(([, name = '']) => name);
    expect(listed.toSorted()).toEqual(Object.keys(manifest[group]).toSorted());
  });

  it('tells the ranges of the peers as package.json does', () => {
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      const line = peers.split('\n').find((row) => row.startsWith(`| \`${name}\``)) ?? '';
      expect(line.replaceAll('\\|', '|')).toContain(`\`${range}\``);
    }
  });
});

describe('package.json', () => {
  it('pins exact versions of what it installs', () => {
    const pinned = { ...manifest.dependencies, ...manifest.devDependencies };
    const loose = Object.entries(pinned).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    expect(loose).toEqual([]);
  });
});

describe.each([
  'package-lock.json',
  'test/package/fixtures/nest-11/package-lock.json',
  'test/package/fixtures/nest-12/package-lock.json',
])('%s', (path) => {
  it('records no download address', () => {
    const lock = JSON.parse(read(path)) as { packages: Record<string, { resolved?: string }> };
    const packages = Object.entries(lock.packages);
    expect(packages.length).toBeGreaterThan(50);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
