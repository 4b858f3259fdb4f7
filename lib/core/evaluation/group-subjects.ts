/** The groups that an evaluation has looked at: of each type one, read from the context once. */
import { idText, type Properties, ReusedSubject, type Subject } from './subject.js';

export class GroupSubjects {
  readonly #types: string[] = [];
  /** As many as any evaluation has needed so far; the first of them belong to the types. */
  readonly #subjects: ReusedSubject[] = [];

  get(type: string): Subject | undefined {
    const place = this.#types.indexOf(type);
    return place < 0 ? undefined : this.#subjects[place];
  }

  add(type: string, key: unknown, properties: Properties | undefined): Subject {
    const id = idText(key);
    const place = this.#types.push(type) - 1;
    const subject = (this.#subjects[place] ??= new ReusedSubject('$group_key'));
    return subject.fill(id, properties, key);
  }

  clear(): void {
    // Setting a length costs more than all the rest, even where it changes nothing.
    if (this.#types.length === 0) return;
    for (let place = 0; place < this.#types.length; place++) this.#subjects[place]?.clear();
    this.#types.length = 0;
  }
}
