/**
 * Who may import whom in `lib/`: the whole table, in one list. The first rule whose `of` matches
 * a file holds for it; a file that no rule matches is a fault. Types count like values.
 *
 * Written in paths relative to `lib/`: a folder ends in `/`, `*` stands for one name, `own/` for
 * the importing file's own part (what `of` matched), `face` for the files at the root of `lib/`.
 * Anything else is a package or a module of Node, `node:*` being all of these.
 */

export interface Arrow {
  readonly of: string;
  readonly mayImport: readonly string[];
}

const pureNode = ['node:crypto', 'node:zlib'];
const nest = ['@nestjs/common', '@nestjs/core', 'rxjs', 'rxjs/operators', 'reflect-metadata'];

export const arrows: readonly Arrow[] = [
  // Pure: no Nest, no vendor, no I/O.
  {
    of: 'core/evaluation/',
    mayImport: ['own/', 'core/definitions/', 'core/errors/', 'node:crypto', 're2js'],
  },
  { of: 'core/definitions/', mayImport: ['own/', 'core/errors/', ...pureNode] },
  { of: 'core/errors/', mayImport: ['own/'] },
  { of: 'core/time/', mayImport: ['own/', 'core/errors/'] },
  { of: 'core/*/', mayImport: ['core/', ...pureNode] },

  // Adapters: what they implement lies in core; they know neither Nest's face nor each other.
  { of: 'posthog/', mayImport: ['own/', 'core/', 'node:*'] },
  { of: 'sources/', mayImport: ['own/', 'core/', 'node:*'] },
  // These two put the others together.
  { of: 'caches/url/', mayImport: ['own/', 'core/', 'caches/', 'node:*'] },
  { of: 'caches/given/', mayImport: ['own/', 'core/', 'caches/'] },
  {
    of: 'caches/cache-manager/',
    mayImport: [
      'own/',
      'core/',
      'node:*',
      '@nestjs/cache-manager',
      'cache-manager',
      'cache-manager-redis-yet',
      'keyv',
    ],
  },
  { of: 'caches/redis/', mayImport: ['own/', 'core/', 'node:*', 'redis'] },
  { of: 'caches/postgres/', mayImport: ['own/', 'core/', 'node:*', 'pg'] },
  { of: 'caches/dynamodb/', mayImport: ['own/', 'core/', 'node:*', '@aws-sdk/client-dynamodb'] },
  { of: 'caches/*/', mayImport: ['own/', 'core/', 'node:*'] },

  // The Nest face. Only polling/ speaks to @nestjs/schedule.
  { of: 'polling/', mayImport: ['own/', 'core/', '@nestjs/schedule'] },
  {
    // The one deep import of Nest: there is no other door to how it reads parameter decorators.
    of: 'request/fallback-handlers.ts',
    mayImport: ['core/errors/', ...nest, '@nestjs/core/router/route-params-factory.js'],
  },
  { of: 'log/', mayImport: ['own/', 'core/', '@nestjs/common'] },
  { of: 'request/', mayImport: ['own/', 'core/', 'log/', 'face', 'node:async_hooks', ...nest] },
  {
    of: 'options/',
    mayImport: [
      'own/',
      'core/',
      'log/',
      'request/evaluation-context-resolver.ts',
      'caches/cache-manager/',
      'caches/given/',
      'caches/url/',
      'face',
      ...nest,
    ],
  },
  {
    of: 'providers/',
    mayImport: [
      'own/',
      'core/',
      'log/',
      'options/',
      'request/',
      'face',
      'node:async_hooks',
      ...nest,
    ],
  },
  { of: 'integrations/', mayImport: ['own/', 'core/', 'face', ...nest] },
  {
    of: 'testing/',
    mayImport: ['own/', 'core/', 'sources/', 'request/', 'face', 'node:*', ...nest],
  },

  // The command: no Nest is loaded by it.
  {
    of: 'cli/',
    mayImport: ['own/', 'core/', 'posthog/', 'sources/', 'log/duration-text.ts', 'node:*'],
  },

  // Doors, and the files at the root.
  { of: 'evaluation.ts', mayImport: ['core/evaluation/', 'core/definitions/', 'core/errors/'] },
  { of: 'testing.ts', mayImport: ['testing/', 'core/time/'] },
  { of: 'caches.ts', mayImport: ['core/'] },
  { of: 'caches-redis.ts', mayImport: ['caches/redis/', 'core/'] },
  { of: 'caches-postgres.ts', mayImport: ['caches/postgres/', 'core/'] },
  { of: 'caches-shared-memory.ts', mayImport: ['caches/shared-memory/', 'core/'] },
  { of: 'caches-dynamodb.ts', mayImport: ['caches/dynamodb/', 'core/'] },
  { of: 'caches-file.ts', mayImport: ['caches/file/', 'core/'] },
  { of: 'caches-posthog-node.ts', mayImport: ['posthog-cache-provider.ts', 'core/'] },
  {
    of: '*.ts',
    mayImport: [
      'face',
      'core/',
      'log/',
      'options/',
      'providers/',
      'polling/',
      'posthog/',
      'sources/',
      'request/',
      'caches/cache-manager/',
      'caches/given/',
      'caches/url/',
      'node:async_hooks',
      ...nest,
    ],
  },
];

/** Files that stand for the outside: nothing in `lib/` may import them. */
export const doors: readonly string[] = [
  'index.ts',
  'evaluation.ts',
  'testing.ts',
  'caches.ts',
  'caches-redis.ts',
  'caches-postgres.ts',
  'caches-shared-memory.ts',
  'caches-dynamodb.ts',
  'caches-file.ts',
  'caches-posthog-node.ts',
];
