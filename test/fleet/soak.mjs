/** `npm run soak -- --minutes 10 --instances 50 [--store postgres] [--seed n] [--faults a,b] [--report file]` */
import { register } from 'node:module';

register('../support/typescript-hooks.mjs', import.meta.url);
const { main } = await import('./soak.ts');
process.exitCode = await main(process.argv.slice(2));
