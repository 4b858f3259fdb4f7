/**
 * The browser of the tests: `CHROMIUM_PATH` when it is set, else Chromium or Chrome from the
 * PATH, installed first where that is allowed.
 */
import { chromium } from './needed-programs.mjs';
import { requireProgram } from './programs.mjs';

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
  return process.env['CHROMIUM_PATH'] || requireProgram(chromium);
}
