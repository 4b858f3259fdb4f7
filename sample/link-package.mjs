/**
 * Links the repository into its own node_modules, so that a sample run from here finds the
 * library as built, and both find the one copy of Nest that `npm ci` has installed.
 */
import { existsSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));
const link = fileURLToPath(new URL('../node_modules/nestjs-feature-flags', import.meta.url));

if (!existsSync(link) || realpathSync(link) !== root) {
  rmSync(link, { recursive: true, force: true });
  symlinkSync(root, link, process.platform === 'win32' ? 'junction' : 'dir');
}
