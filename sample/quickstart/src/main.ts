/** Opens the shop. `PORT` chooses another port than 3000. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { serveStaticPage } from './page/static-page.js';
import { QuietLogger } from './quiet-logger.js';
import { failureText, welcomeText } from './what-to-try.js';

async function openShop(): Promise<void> {
  const port = Number(process.env.PORT ?? 3000);
  try {
    const app = await NestFactory.create<NestExpressApplication>(AppModule, {
      logger: new QuietLogger({ logLevels: ['log', 'warn', 'error', 'fatal'] }),
      // Errors are for `failureText` to tell, in one sentence.
      abortOnError: false,
      // A page that is open keeps a connection; it must not keep the shop from closing.
      forceCloseConnections: true,
    });
    app.enableShutdownHooks();
    serveStaticPage(app);
    await app.listen(port);
    console.log(welcomeText(await app.getUrl()));
  } catch (error) {
    console.error(failureText(error, port));
    process.exit(1);
  }
}

await openShop();
