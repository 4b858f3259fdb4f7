/** An observer of the flags: told of every event, it passes on how each turn ended. */
import { Injectable, Module } from '@nestjs/common';
import type { FlagsEvent, FlagsObserver } from 'nestjs-feature-flags';
import { tell } from './report.js';

@Injectable()
export class TurnReporter implements FlagsObserver {
  onEvent(event: FlagsEvent): void {
    if (event.type === 'turn-finished') tell({ kind: 'turn', outcome: event.outcome });
  }
}

@Module({ providers: [TurnReporter], exports: [TurnReporter] })
export class TurnReporterModule {}
