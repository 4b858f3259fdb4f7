/**
 * The list of flags: the good ones in their order, each key once. A bad flag is named by its key
 * or its place. Of two flags with one key the last lives, as in posthog-node.
 */
import { quoteName } from './definition-issue.js';
import type { DefinitionIssue } from './definition-issue.js';
import type { FlagDefinition } from './flag-definitions.js';
import { flagShape } from './flag-shape.js';
import { faultOfJson } from './json-fault.js';
import { isRecord } from './json-shape.js';

export function readFlags(list: readonly unknown[], issues: DefinitionIssue[]): FlagDefinition[] {
  const goodFlags = new Map<number, FlagDefinition>();
  const positionByKey = new Map<string, number>();
  for (const [position, candidate] of list.entries()) {
    const problem = problemOfFlag(candidate);
    if (problem !== undefined) {
      issues.push(badFlag(candidate, position, problem));
      continue;
    }
    const flag = candidate as FlagDefinition;
    const earlier = positionByKey.get(flag.key);
    if (earlier !== undefined) {
      goodFlags.delete(earlier);
      issues.push(duplicateFlag(flag.key, earlier, position));
    }
    positionByKey.set(flag.key, position);
    goodFlags.set(position, flag);
  }
  return [...goodFlags.values()];
}

function problemOfFlag(candidate: unknown): string | undefined {
  const fault = faultOfJson(candidate);
  if (fault !== undefined) return `it ${fault}`;
  const problem = flagShape(candidate);
  if (problem === undefined) return undefined;
  return `${problem.path === '' ? 'it' : problem.path.slice(1)} ${problem.text}`;
}

function badFlag(candidate: unknown, position: number, problem: string): DefinitionIssue {
  const named = isRecord(candidate) ? candidate['key'] : undefined;
  const key = typeof named === 'string' && named !== '' ? named : undefined;
  const name = key === undefined ? 'The flag' : `Flag ${quoteName(key)}`;
  return {
    part: 'flag',
    key,
    position,
    message:
      `${name} at flags[${position}] was left out: ${problem}. ` +
      'Until this is corrected where the definitions are made, it counts as an unknown flag.',
  };
}

function duplicateFlag(key: string, earlier: number, position: number): DefinitionIssue {
  return {
    part: 'flag',
    key,
    position: earlier,
    message:
      `Flag ${quoteName(key)} at flags[${earlier}] was left out: flags[${position}] has the same key, ` +
      'and the last one counts. Give each flag a key of its own.',
  };
}
