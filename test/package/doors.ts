/** The doors of the package: the entries of `exports` in package.json, read once for all specs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack.mjs';

/** What one condition of a door leads to. */
export interface DoorTarget {
  readonly types: string;
  readonly default: string;
}

export interface Door {
  /** As in `exports`: `.`, `./evaluation`. */
  readonly name: string;
  /** As users write it: `nestjs-feature-flags/evaluation`. */
  readonly specifier: string;
  readonly conditions: Readonly<Record<string, DoorTarget>>;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly types: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Record<string, DoorTarget>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

export const doors: readonly Door[] = Object.entries(manifest.exports).flatMap(
  ([name, conditions]) =>
    typeof conditions === 'string'
      ? []
      : [{ name, specifier: manifest.name + name.slice(1), conditions }],
);
