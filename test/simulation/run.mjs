/** `npm run simulate -- --mix failover --seed 123`: one run, told event by event. */
import { register } from 'node:module';

register('../support/typescript-hooks.mjs', import.meta.url);
const { main } = await import('./command-line.ts');
process.exitCode = await main(process.argv.slice(2));
