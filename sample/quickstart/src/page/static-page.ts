/** Serves the files of the page. They load nothing from elsewhere, and the browser enforces it. */
import { resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';

const folder = resolve(import.meta.dirname, '..', '..', 'public');

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function serveStaticPage(app: NestExpressApplication): void {
  app.useStaticAssets(folder, {
    setHeaders: (response) => {
      response.setHeader('content-security-policy', policy);
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('cache-control', 'no-cache');
    },
  });
}
