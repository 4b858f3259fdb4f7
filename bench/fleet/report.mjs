/**
 * From the rows of all rounds to tables: the median, with the range where there is one, and how
 * many times ours each of the others is, round by round.
 */
import { median } from './rows.mjs';
import { allSystems, systemNames } from './systems.mjs';

/**
 * One line of the table.
 * @typedef {object} Line
 * @property {string} measure
 * @property {string} unit
 * @property {Partial<Record<import('./systems.mjs').System, Cell>>} cells
 */

/** @typedef {{ median: number, lowest: number, highest: number, values: readonly number[] }} Cell */

/**
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @returns {Line[]} in the order in which the measures came first
 */
export function summarize(rows) {
  /** @type {Map<string, import('./rows.mjs').Row[]>} */
  const byMeasure = new Map();
  for (const row of rows) {
    byMeasure.set(row.measure, [...(byMeasure.get(row.measure) ?? []), row]);
  }
  return [...byMeasure].map(([measure, own]) => {
    const cells = allSystems.flatMap((system) => {
      const values = own.filter((row) => row.system === system).map(({ value }) => value);
      return values.length === 0 ? [] : [[system, cellOf(values)]];
    });
    return { measure, unit: own[0]?.unit ?? '', cells: Object.fromEntries(cells) };
  });
}

/** @param {readonly Line[]} lines */
export function tableOf(lines) {
  const head = ['', ...allSystems.map((system) => systemNames[system])];
  const body = lines.map(({ measure, unit, cells }) => [
    unit === '' ? measure : `${measure} (${unit})`,
    ...allSystems.map((system) => textOf(cells[system])),
  ]);
  return markdown(head, body);
}

/** @param {readonly Line[]} lines */
export function ratiosOf(lines) {
  const others = allSystems.filter((system) => system !== 'ours');
  const head = ['', ...others.map((system) => systemNames[system])];
  const compared = lines.filter(({ cells }) => others.some((system) => cells[system]));
  const body = compared.map(({ measure, cells }) => [
    measure,
    ...others.map((system) => ratioOf(cells.ours, cells[system])),
  ]);
  return markdown(head, body);
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} body
 */
export function markdown(head, body) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((text, column) => pad(text, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}

/** @param {Cell | undefined} ours @param {Cell | undefined} theirs */
function ratioOf(ours, theirs) {
  if (ours === undefined || theirs === undefined) return '–';
  const ratios = theirs.values.map((value, round) => value / (ours.values[round] ?? Number.NaN));
  return numberOf(median(ratios));
}

/** @param {readonly number[]} values @returns {Cell} */
export function cellOf(values) {
  return {
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    values,
  };
}

/** @param {Cell | undefined} cell */
export function textOf(cell) {
  if (cell === undefined) return '–';
  const [middle, low, high] = [cell.median, cell.lowest, cell.highest].map(numberOf);
  return low === high ? `${middle}` : `${middle} (${low} – ${high})`;
}

/** @param {number} value */
export function numberOf(value) {
  if (!Number.isFinite(value)) return 'never';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits });
}

/**
 * @param {string} text
 * @param {number} width
 * @param {number} column
 */
function pad(text, width, column) {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
