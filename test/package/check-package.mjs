/**
 * Lets publint and attw (Are the types wrong?) judge the packed library. attw judges by the
 * rules of Node 16 and later, of bundlers, and of the older `node10` resolution, which cannot read
 * an exports map: for it there is `typesVersions`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packInto, root } from './pack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'flags-pack-'));
try {
  const { tarball } = await packInto(folder);
  judge('publint/src/cli.js', ['--strict', tarball]);
  judge('@arethetypeswrong/cli/dist/index.js', [tarball]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} script path in node_modules
 * @param {readonly string[]} args
 */
function judge(script, args) {
  const options = /** @type {const} */ ({ cwd: root, stdio: 'inherit' });
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', script), ...args],
    options,
  );
  if (status !== 0) process.exitCode = 1;
}
