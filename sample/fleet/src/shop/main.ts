/** Opens one instance of the shop, configured by the environment and by nothing else. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FlagsService } from 'nestjs-feature-flags';
import { tell } from './report.js';
import { ShopModule } from './shop.module.js';
import { ShortLogger } from './short-logger.js';

async function openShop(): Promise<void> {
  const app = await NestFactory.create(ShopModule, {
    logger: new ShortLogger(),
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.enableShutdownHooks();
  app.get(FlagsService).changes.subscribe({
    next: ({ revision }) => tell({ kind: 'changed', revision }),
    complete: () => tell({ kind: 'left' }),
  });
  await app.listen(port);
  tell({ kind: 'open', url: `http://localhost:${new URL(await app.getUrl()).port}` });
}

// Whoever started this instance has gone: so does the instance.
process.on('disconnect', () => process.exit(0));

function failureText(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `Port ${port} is in use by another program: stop that program, or set another PORT.`;
  }
  return `The instance could not open: ${String(error)}`;
}

const port = Number(process.env.PORT ?? 3001);
try {
  await openShop();
} catch (error) {
  console.log(failureText(error));
  process.exit(1);
}
