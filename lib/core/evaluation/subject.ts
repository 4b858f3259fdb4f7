/**
 * Whom a condition looks at: the person (or the person's device), or one group; with the id that
 * is hashed and the properties that are compared. The caller's own object is read in place,
 * without a copy, and one property is added to it (`distinct_id` or `$group_key`). Only own
 * properties count: what a prototype holds is absent.
 */

/** What {@link readProperty} answers for a property that is not there. */
export const absent = Symbol('absent');

export interface Subject {
  /** The id whose hash decides rollouts and variants. */
  readonly bucketingId: string;
  readonly properties: Readonly<Record<string, unknown>> | undefined;
  readonly addedKey: string;
  readonly addedValue: unknown;
}

/** The value of a property, or {@link absent}. A getter or a Proxy of the caller may throw. */
export function readProperty(subject: Subject, key: string): unknown {
  const { properties } = subject;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return key === subject.addedKey ? subject.addedValue : absent;
}
