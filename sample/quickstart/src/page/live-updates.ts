/** Passes on what the flags module reports, so that an open page changes by itself. */
import { Injectable } from '@nestjs/common';
import type { FlagsEvent, FlagsObserver } from 'nestjs-feature-flags';
import { Subject } from 'rxjs';

@Injectable()
export class LiveUpdates implements FlagsObserver {
  readonly events = new Subject<FlagsEvent>();

  onEvent(event: FlagsEvent): void {
    this.events.next(event);
  }
}
