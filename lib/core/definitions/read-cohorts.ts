/**
 * The cohorts by id: always an object, with the good ones only. A flag that asks for a cohort
 * that was left out cannot be decided locally; it is unresolved, never wrongly on.
 */
import { quoteName } from './definition-issue.js';
import type { DefinitionIssue } from './definition-issue.js';
import type { CohortDefinition } from './flag-definitions.js';
import { cohortShape } from './flag-shape.js';
import { faultOfJson } from './json-fault.js';
import { describeType, isRecord } from './json-shape.js';

type Cohorts = Readonly<Record<string, CohortDefinition>>;

export function readCohorts(value: unknown, issues: DefinitionIssue[]): Cohorts {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) {
    issues.push({
      part: 'field',
      key: 'cohorts',
      message:
        `All cohorts were left out: cohorts must be an object of cohorts by id, got ${describeType(value)}. ` +
        'Flags that use a cohort are unresolved until this is corrected where the definitions are made.',
    });
    return {};
  }
  const good: [string, CohortDefinition][] = [];
  for (const [id, cohort] of Object.entries(value)) {
    const problem = problemOfCohort(cohort);
    if (problem === undefined) good.push([id, cohort as CohortDefinition]);
    else issues.push(badCohort(id, problem));
  }
  // Unlike assignment, fromEntries makes `__proto__` a key like any other.
  return Object.fromEntries(good);
}

function problemOfCohort(cohort: unknown): string | undefined {
  const fault = faultOfJson(cohort);
  if (fault !== undefined) return `it ${fault}`;
  const problem = cohortShape(cohort);
  if (problem === undefined) return undefined;
  return `${problem.path === '' ? 'it' : problem.path.slice(1)} ${problem.text}`;
}

function badCohort(id: string, problem: string): DefinitionIssue {
  return {
    part: 'cohort',
    key: id,
    message:
      `Cohort ${quoteName(id)} was left out: ${problem}. ` +
      'Flags that use it are unresolved until this is corrected where the definitions are made.',
  };
}
