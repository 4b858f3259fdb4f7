/**
 * The browser of the tests: `CHROMIUM_PATH` when it is set, else Chromium or Chrome from the
 * PATH, installed first where that is allowed.
 */
import { findProgram, installPackages } from './programs.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const folders = [
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
];
const advice =
  'The tests of the quick start need Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to the executable of Chromium or Chrome.';

/** Arguments for a quiet headless browser that looks up nothing outside this machine. */
export const chromiumArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of the browser's executable. May take minutes the first time on a new machine.
 * @returns {Promise<string>}
 */
export async function findChromium() {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return given;
  const found = find();
  if (found !== undefined) return found;
  await installPackages(['chromium'], advice);
  const installed = find();
  if (installed === undefined) throw new Error(advice);
  return installed;
}

const find = () => findProgram([...names, 'Google Chrome', 'Chromium'], folders);
