/** For whom, or for what, a flag is evaluated. */

/** @publicApi */
export interface EvaluationContext {
  /** The person's id in PostHog. Missing, empty or no string: every flag is unresolved. */
  readonly distinctId: string;
  /** Properties of the person; `distinct_id` is added unless it is given. */
  readonly personProperties?: Readonly<Record<string, unknown>>;
  /** Key of the group by group type, e.g. `{ company: 'acme' }`. */
  readonly groups?: Readonly<Record<string, string>>;
  /** Properties by group type; `$group_key` is added unless it is given. */
  readonly groupProperties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
