/** The changes of the definitions as an Observable; completes when the app shuts down. */
import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { DefinitionsChanged, FlagsEvent } from './core/observe/flags-event.js';
import type { FlagsObserver } from './core/observe/flags-observer.js';

export class DefinitionChanges implements FlagsObserver {
  private readonly subject = new Subject<DefinitionsChanged>();
  readonly changes: Observable<DefinitionsChanged> = this.subject.asObservable();

  onEvent(event: FlagsEvent): void {
    if (event.type === 'definitions-changed') this.subject.next(event);
  }

  close(): void {
    this.subject.complete();
  }
}
