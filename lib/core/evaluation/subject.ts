/**
 * Whom a condition looks at: the person (or the person's device), or one group; with the id that
 * is hashed and the properties that are compared. The caller's own object is read in place,
 * without a copy, and one property is added to it (`distinct_id` or `$group_key`). Only own
 * properties count: what a prototype holds is absent.
 */

import { textOf } from './operators/value-text.js';

/** What {@link readProperty} answers for a property that is not there. */
export const absent = Symbol('absent');

export type Properties = Readonly<Record<string, unknown>>;

export interface Subject {
  /** No other subject of any evaluation has it. */
  readonly number: number;
  /** The id whose hash decides rollouts and variants. */
  readonly bucketingId: string;
  readonly properties: Properties | undefined;
  readonly addedKey: string;
  readonly addedValue: unknown;
}

/** The value of a property, or {@link absent}. A getter or a Proxy of the caller may throw. */
export function readProperty(subject: Subject, key: string): unknown {
  const { properties } = subject;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return key === subject.addedKey ? subject.addedValue : absent;
}

let filled = 0;

/** A subject that serves one evaluation after another, so that none has to make its own. */
export class ReusedSubject implements Subject {
  number = 0;
  bucketingId = '';
  properties: Properties | undefined;
  addedValue: unknown;

  constructor(readonly addedKey: string) {}

  fill(bucketingId: string, properties: Properties | undefined, addedValue: unknown): this {
    this.number = filled += 1;
    this.bucketingId = bucketingId;
    this.properties = properties;
    this.addedValue = addedValue;
    return this;
  }

  clear(): void {
    this.fill('', undefined, undefined);
  }
}

/** Far longer than any id; hashing one of megabytes for each condition would take seconds. */
export const longestId = 10_000;

/** An id is a string by contract; anything else counts as its text. Throws where there is none. */
export function idText(id: unknown): string {
  const text = textOf(id);
  if (text === undefined || text.length > longestId) throw new TypeError('An id without a text.');
  return text;
}
