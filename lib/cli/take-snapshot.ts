/**
 * Takes a snapshot: one fetch from PostHog, checked as an instance would check it, and written as a
 * whole. Whatever fails on the way leaves the file that was there.
 */
import { isFlagsError } from '../core/errors/flags-error.js';
import { messageOf } from '../core/errors/message-of.js';
import { parseDefinitions } from '../core/definitions/parse-definitions.js';
import { systemClock } from '../core/time/clock.js';
import { PostHogDefinitionSource } from '../posthog/posthog-definition-source.js';
import { snapshotText } from '../sources/snapshot-file.js';
import type { ExitCode, Surroundings } from './surroundings.js';
import { writeAtomically } from './write-atomically.js';

export interface TakeOptions {
  readonly path: string;
  readonly host: string | undefined;
  readonly projectApiKey: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly allowInsecureHttp: boolean;
}

export async function takeSnapshot(
  options: TakeOptions,
  { env, say, complain }: Surroundings,
): Promise<ExitCode> {
  const { path } = options;
  const source = sourceFrom(options, env, complain);
  if (source === undefined) return 2;
  const takenAtMs = systemClock.now();
  const answer = await source.fetch({ signal: new AbortController().signal });
  if (answer.kind !== 'definitions') {
    const why = answer.kind === 'failed' ? answer.failure.message : 'It answered "not modified".';
    complain(`No snapshot was taken. ${why}`);
    return 1;
  }
  const parsed = parseDefinitions(answer.body);
  if (!parsed.ok) {
    complain(`No snapshot was taken. ${source.description}: ${parsed.message}`);
    return 1;
  }
  const { definitions, issues } = parsed;
  const { description, identity } = source;
  try {
    await writeAtomically(
      path,
      snapshotText(definitions, { takenAtMs, source: description, identity }),
    );
  } catch (error) {
    const { code = 'unknown reason' } = Object(error) as { readonly code?: string };
    complain(
      `The snapshot could not be written to ${path} (${code}). Look whether the folder is there and may be written to; a file that was there is as it was.`,
    );
    return 1;
  }
  const flags = definitions.flags.length;
  say(`${path}: ${flags} ${flags === 1 ? 'flag' : 'flags'} from ${description}.`);
  for (const { message } of issues) complain(message);
  return 0;
}

function sourceFrom(
  { host, projectApiKey, timeoutMs, allowInsecureHttp }: TakeOptions,
  env: Surroundings['env'],
  complain: Surroundings['complain'],
): PostHogDefinitionSource | undefined {
  const usedHost = host ?? env['POSTHOG_HOST'];
  try {
    return new PostHogDefinitionSource({
      ...(usedHost === undefined || usedHost === '' ? {} : { host: usedHost }),
      projectApiKey: projectApiKey ?? env['POSTHOG_PROJECT_API_KEY'] ?? '',
      secretKey: env['POSTHOG_SECRET_KEY'] ?? '',
      ...(timeoutMs === undefined ? {} : { requestTimeoutMs: timeoutMs }),
      allowInsecureHttp,
    });
  } catch (error) {
    if (!isFlagsError(error)) throw error;
    complain(
      `${messageOf(error)}\nKeys come from POSTHOG_PROJECT_API_KEY and POSTHOG_SECRET_KEY, the host from POSTHOG_HOST.`,
    );
    return undefined;
  }
}
