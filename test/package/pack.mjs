/**
 * Packs the built library as `npm publish` would, without building it again, and unpacks it into
 * the node_modules of a consumer. What the package specs look at is this tarball, not the tree.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} PackedPackage
 * @property {string} tarball path of the .tgz
 * @property {number} size bytes of the tarball
 * @property {number} unpackedSize bytes of the files in it
 * @property {readonly { path: string, size: number }[]} files
 */

/**
 * @param {string} folder where the tarball goes
 * @returns {Promise<PackedPackage>}
 * @throws {Error} when the library has not been built
 */
export async function packInto(folder) {
  for (const built of ['dist/esm/index.js', 'dist/cjs/index.js']) {
    if (!existsSync(join(root, built))) throw new Error(`${built} is missing: run npm run build`);
  }
  const flags = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await npm(['pack', ...flags], root);
  const [packed] = JSON.parse(stdout);
  return { ...packed, tarball: join(folder, packed.filename) };
}

/**
 * Unpacks the tarball to node_modules/nestjs-feature-flags of a consumer's folder.
 * @param {string} tarball
 * @param {string} consumer
 */
export async function unpackInto(tarball, consumer) {
  const target = join(consumer, 'node_modules', 'nestjs-feature-flags');
  mkdirSync(target, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  return target;
}

/**
 * Runs npm, the one that runs this process where there is one.
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export function npm(args, cwd) {
  const script = process.env['npm_execpath'];
  const options = { cwd, maxBuffer: 64 * 1024 * 1024 };
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args], options);
  return run('npm', [...args], options);
}
