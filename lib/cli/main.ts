#!/usr/bin/env node
/** The command `nestjs-feature-flags`: hands the process over to what can be tested without one. */
import { run } from './command.js';

const { argv, env, stdout, stderr } = process;
void run(argv.slice(2), {
  env,
  say: (line) => void stdout.write(`${line}\n`),
  complain: (line) => void stderr.write(`${line}\n`),
}).then((code) => {
  // Not exit(): what was said may still be on its way.
  process.exitCode = code;
});
