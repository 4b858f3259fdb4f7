/**
 * The sentence for an app whose definitions are of one PostHog project and whose questions or
 * exposures go to another: mostly a `host` that was left out, which is then PostHog Cloud US. It
 * names hosts and never a key.
 */

/** As much as is compared: of a source, an evaluator or a sink. */
export interface ProjectEnd {
  readonly description: string;
  readonly identity?: string;
}

/**
 * Undefined where both are of one project, or where that is not known.
 * @param option the option whose end it is
 */
export function otherProjectLine(
  option: string,
  end: ProjectEnd,
  source: ProjectEnd,
): string | undefined {
  if (end.identity === undefined || source.identity === undefined) return undefined;
  if (end.identity === source.identity) return undefined;
  // Ours describe themselves by their host, with words before it or without.
  if (end.description.endsWith(source.description)) {
    return `The definitions are of one project, and the option ${option} has the projectApiKey of another, both at ${source.description}. Give both the same key.`;
  }
  return `The definitions come from ${source.description}, and the option ${option} leads to ${end.description}. Give both the same host and projectApiKey (a host that is left out is PostHog Cloud US); two addresses of one project do no harm.`;
}
