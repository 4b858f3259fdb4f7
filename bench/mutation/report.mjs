/** What a person wants to see of Stryker's report: the score of each file, and what went unnoticed. */

/**
 * @typedef {object} Mutant
 * @property {string} status
 * @property {string} mutatorName
 * @property {string} [replacement]
 * @property {{ start: Place, end: Place }} location
 *
 * @typedef {{ line: number, column: number }} Place both from 1
 * @typedef {{ files: Record<string, { source: string, mutants: Mutant[] }> }} Report
 */

/** @param {Report} report @param {string} folder left out of the names */
export function scoreTable({ files }, folder) {
  const rows = Object.entries(files)
    .filter(([, { mutants }]) => mutants.length > 0)
    .map(([name, { mutants }]) => row(`\`${name.replace(folder, '')}\``, mutants));
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  return [
    '| File | Mutants | Noticed | Without end | Unnoticed | Not reached | Score | Not loaded |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...rows.toSorted(),
    row('**all**', all),
  ].join('\n');
}

/** @param {string} name @param {readonly Mutant[]} mutants */
function row(name, mutants) {
  /** @param {string} status */
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length;
  const noticed = [count('Killed'), count('Timeout')];
  const unnoticed = [count('Survived'), count('NoCoverage')];
  const valid = sum(noticed) + sum(unnoticed);
  const score = valid === 0 ? '–' : `${((sum(noticed) / valid) * 100).toFixed(1)} %`;
  const cells = [name, valid, ...noticed, ...unnoticed, score, count('RuntimeError')];
  return `| ${cells.join(' | ')} |`;
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {Report} report */
export function survivorLines({ files }) {
  return Object.entries(files).flatMap(([name, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .map(({ location, mutatorName, replacement = '' }) => {
        const { start } = location;
        const original = textAt(source, location);
        return `${name}:${start.line}:${start.column} ${mutatorName}: ${short(original)} → ${short(replacement)}`;
      }),
  );
}

/** @param {string} source @param {Mutant['location']} location */
function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n');
}

/** @param {string} text */
function short(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
