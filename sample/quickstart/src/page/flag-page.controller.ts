/**
 * What the page asks for: who there is, what there is to try, and every flag with the reason for
 * its value. It shows the values of properties, so it belongs on a developer's machine.
 */
import { Controller, Get, type MessageEvent, Req, Sse } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { type FlagDefinition, type FlagsEvent, FlagsService } from 'nestjs-feature-flags';
import { map, type Observable, startWith } from 'rxjs';
import { usesPostHog } from '../definition-source.js';
import { people } from '../people/people.js';
import { type ShopRequest, shopperOf } from '../people/shopper-from-request.js';
import { shopRoutes } from '../shop/shop-routes.js';
import { LiveUpdates } from './live-updates.js';
import { type PageStatus, pageStatus } from './page-status.js';

interface PageUpdate {
  readonly status: PageStatus;
  /** Keys of the flags that were added, removed or changed; absent when none was. */
  readonly changedFlags?: readonly string[];
}

@Controller('api')
export class FlagPageController {
  constructor(
    private readonly flags: FlagsService,
    private readonly updates: LiveUpdates,
    private readonly config: ConfigService,
  ) {}

  @Get('people')
  people() {
    return people();
  }

  @Get('routes')
  routes() {
    return shopRoutes;
  }

  @Get('flags')
  flagsOfShopper(@Req() request: ShopRequest) {
    const { definitions } = this.flags.local;
    const byKey = new Map(definitions.flags.map((definition) => [definition.key, definition]));
    return {
      status: this.status(),
      shopper: shopperOf(request),
      groupTypes: Object.values(definitions.group_type_mapping ?? {}),
      flags: [...this.flags.local.evaluateAll().keys()].map((key) => this.flag(key, byKey)),
    };
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return this.updates.events.pipe(
      map((event) => this.update(event)),
      startWith(this.update()),
      map((data) => ({ type: 'update', data })),
    );
  }

  private flag(key: string, definitions: ReadonlyMap<string, FlagDefinition>) {
    const definition = definitions.get(key);
    return {
      key,
      name: definition?.name ?? '',
      definition,
      explanation: this.flags.explain(key, undefined, { showValues: true }),
    };
  }

  private update(event?: FlagsEvent): PageUpdate {
    const status = this.status();
    if (event?.type !== 'definitions-changed') return { status };
    return { status, changedFlags: [...event.added, ...event.removed, ...event.changed] };
  }

  private status(): PageStatus {
    return pageStatus(this.flags.status(), usesPostHog(this.config));
  }
}
