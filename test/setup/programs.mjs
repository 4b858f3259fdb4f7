/**
 * Finds the programs that the tests need, and installs them where that is allowed (Debian and
 * its kin, as root or with a sudo that asks no password). Says in one sentence what is missing
 * where it is not: a test that needs a real service never passes by being skipped.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The path of the first of these programs that is on the PATH or in one of the extra folders.
 * @param {readonly string[]} names
 * @param {readonly string[]} [extraFolders]
 * @returns {string | undefined}
 */
export function findProgram(names, extraFolders = []) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...extraFolders];
  for (const name of names) {
    const path = folders
      .filter(Boolean)
      .map((folder) => join(folder, name))
      .find(isExecutable);
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * A program that the tests need.
 * @typedef {object} NeededProgram
 * @property {readonly string[]} names any of these will do
 * @property {() => readonly string[]} [folders] where to look besides the PATH
 * @property {string} debianPackage what it comes with
 * @property {string} advice what a person can do where it is missing, as a sentence
 */

/**
 * The path of the program, installed first where it is missing.
 * @param {NeededProgram} program
 * @returns {Promise<string>}
 * @throws {Error} with the advice, when it is missing and cannot be installed
 */
export async function requireProgram(program) {
  const found = find(program);
  if (found !== undefined) return found;
  await installMissing([program]);
  const installed = find(program);
  if (installed === undefined) throw new Error(program.advice);
  return installed;
}

/**
 * Installs those of the programs that are missing, all at once. Two test processes that both
 * install wait for each other.
 * @param {readonly NeededProgram[]} programs
 * @throws {Error} with the advice for each, when installing is not possible or fails
 */
export async function installMissing(programs) {
  const missing = programs.filter((program) => find(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const advice = [...new Set(missing.map((program) => program.advice))].join('\n');
  const command = await installCommand(packages);
  if (command === undefined) throw new Error(advice);
  process.stderr.write(`Installing ${packages.join(', ')} for the tests (apt-get)…\n`);
  try {
    await run(command[0], command.slice(1), { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const message = `apt-get could not install ${packages.join(', ')}.\n${advice}`;
    throw new Error(message, { cause: error });
  }
}

/**
 * @param {readonly string[]} packages
 * @returns {Promise<[string, ...string[]] | undefined>}
 */
async function installCommand(packages) {
  if (findProgram(['apt-get']) === undefined) return undefined;
  const script = 'apt-get update -q; apt-get install -y -q --no-install-recommends "$@"';
  const lock = join(tmpdir(), 'nestjs-feature-flags-apt.lock');
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const install = ['flock', lock, ...environment, 'sh', '-c', script, 'install', ...packages];
  if (process.getuid?.() === 0) return /** @type {[string, ...string[]]} */ (install);
  const maySudo = await run('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  );
  return maySudo ? ['sudo', '-n', ...install] : undefined;
}

/** @param {NeededProgram} program */
function find({ names, folders }) {
  return findProgram(names, folders?.());
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
