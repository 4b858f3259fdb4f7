/** The programs that the suite runs for real, and what to do where one is missing. */
import { readdirSync } from 'node:fs';

/** @typedef {import('./programs.mjs').NeededProgram} NeededProgram */

/** @type {NeededProgram} */
export const redisServer = {
  names: ['redis-server'],
  debianPackage: 'redis-server',
  advice:
    'The tests need Redis: install redis-server (Debian: apt-get install redis-server, macOS: brew install redis).',
};

const postgresql = {
  folders: postgresFolders,
  debianPackage: 'postgresql',
  advice:
    'The tests need PostgreSQL: install it (Debian: apt-get install postgresql, macOS: brew install postgresql), or set DATABASE_URL to a database whose data may be lost.',
};

/** @type {NeededProgram} */
export const initdb = { ...postgresql, names: ['initdb'] };
/** @type {NeededProgram} */
export const postgres = { ...postgresql, names: ['postgres'] };
/** @type {NeededProgram} */
export const psql = { ...postgresql, names: ['psql'] };

/** @type {NeededProgram} */
export const pgBasebackup = { ...postgresql, names: ['pg_basebackup'] };

/** @type {NeededProgram} */
export const openssl = {
  names: ['openssl'],
  debianPackage: 'openssl',
  advice: 'The tests make certificates with openssl: install it (Debian: apt-get install openssl).',
};

/** @type {NeededProgram} */
export const chromium = {
  names: [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'Google Chrome',
    'Chromium',
  ],
  folders: () => [
    '/Applications/Google Chrome.app/Contents/MacOS',
    '/Applications/Chromium.app/Contents/MacOS',
  ],
  debianPackage: 'chromium',
  advice:
    'The tests of the quick start need Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to the executable of Chromium or Chrome.',
};

/** Where Debian keeps PostgreSQL's programs, newest version first. */
function postgresFolders() {
  const root = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => `${root}/${version}/bin`);
  } catch {
    return [];
  }
}
