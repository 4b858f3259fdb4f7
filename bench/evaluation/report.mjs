/** From the figures to tables: medians of the rounds, and how many times ours each other takes. */

/** @typedef {{ readonly workload: string, readonly times: ReadonlyMap<string, readonly number[]> }} Times */
/** @typedef {readonly { readonly name: string, readonly isAsync: boolean }[]} Systems */

/** @param {readonly Times[]} rows @param {Systems} systems */
export function timeTables(rows, systems) {
  const names = systems.map(({ name }) => name);
  const head = ['', ...names];
  const body = rows.map(({ workload, times }) => [
    workload,
    ...names.map((name) => nsText(median(times.get(name) ?? []))),
  ]);
  return [
    'CPU time for one evaluation, or for all, the median of the rounds:',
    tableOf(head, body),
    'Times ours, the median of the ratios of the rounds:',
    ratioTable(rows, names),
  ];
}

/** @param {readonly Times[]} rows @param {readonly string[]} names ours first, posthog-node second */
function ratioTable(rows, names) {
  const [ours = '', posthog = '', ...others] = names;
  const body = rows.map(({ workload, times }) => {
    const ratios = [posthog, ...others].map((name) => ratio(times.get(ours), times.get(name)));
    const best = Math.min(...ratios.slice(1).filter((value) => !Number.isNaN(value)));
    return { workload, ratios, best };
  });
  const lines = body.map(({ workload, ratios, best }) => [
    workload,
    ...[...ratios, best].map(ratioText),
  ]);
  const single = body.filter(({ workload }) => !workload.startsWith('all'));
  const mean = [
    'geometric mean of the single ones',
    ratioText(geometricMean(single.map(({ ratios }) => ratios[0] ?? Number.NaN))),
    ...others.map(() => ''),
    ratioText(geometricMean(single.map(({ best }) => best))),
  ];
  return tableOf(['', posthog, ...others, 'best but ours and posthog-node'], [...lines, mean]);
}

/**
 * @param {readonly { readonly workload: string, readonly bytes: Readonly<Record<string, number>> }[]} rows
 * @param {Systems} systems
 */
export function memoryTable(rows, systems) {
  const names = systems.map(({ name }) => name);
  const body = rows.map(({ workload, bytes }) => [
    workload,
    ...names.map((name) => (name in bytes ? count(bytes[name] ?? Number.NaN) : '–')),
  ]);
  return `Bytes allocated by one evaluation, or by all:\n\n${tableOf(['', ...names], body)}`;
}

/**
 * @param {Readonly<Record<string, number>>} loading
 * @param {Readonly<Record<string, Readonly<Record<string, number>>>>} nest
 */
export function costTables(loading, nest) {
  const { coldUs, slowestUs, parseMs = 0, loadMs = 0, compileUs, keptBytes, jsonMb } = loading;
  const { takeOverMs, unchangedUs, againUs } = loading;
  const share = ((100 * loadMs) / parseMs).toFixed(1);
  const loadingLines = [
    ['first 1,000 evaluations of a process, on average (µs)', text(coldUs)],
    ['the slowest of them, which makes the hash (µs)', text(slowestUs)],
    [`JSON.parse of 10,000 flags, ${text(jsonMb)} MB (ms)`, text(parseMs)],
    ['loading them, beside that (ms)', `${text(loadMs)} (${share} %)`],
    ['compiling a flag at its first use (µs)', text(compileUs)],
    ['kept for a compiled flag (bytes)', text(keptBytes)],
    ['loading them again, all unchanged (ms)', text(takeOverMs)],
    [
      'first evaluation of a flag that a refresh left unchanged; the second (µs)',
      `${text(unchangedUs)}; ${text(againUs)}`,
    ],
  ];
  const { local, fastify, express } = nest;
  const guardLines = Object.entries({ Fastify: fastify, Express: express }).map(
    ([platform, costs]) => [
      platform,
      ...['without', 'empty', 'flag'].map((name) => text(costs?.[name])),
      `${text(costs?.['more'])} (${text(costs?.['moreLow'])} – ${text(costs?.['moreHigh'])})`,
      `${text(costs?.['emptyCall'])}, ${text(costs?.['flagCall'])}`,
    ],
  );
  const localRatio = text((local?.['localNs'] ?? 0) / (local?.['bareNs'] ?? 1));
  return [
    'Loading and the first evaluations, the least disturbed of 25 rounds:',
    tableOf(['', 'ours'], loadingLines),
    `\`FlagsService.local.evaluate\`: ${text(local?.['localNs'])} ns, the bare snapshot ${text(local?.['bareNs'])} ns, ${localRatio} times that.`,
    'CPU of the server for one request (µs); what is more by rounds, the middle half of them in brackets; and, measured apart by the profiler, the time in the call of the guards:',
    tableOf(
      [
        '',
        'empty guard, no module',
        'empty guard',
        '`@FeatureFlag()`',
        'more than the empty one',
        'call of the empty one, of `@FeatureFlag()`',
      ],
      guardLines,
    ),
  ];
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} body */
function tableOf(head, body) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}

/** @param {string} cell @param {number} width @param {number} column */
function pad(cell, width, column) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** @param {readonly number[] | undefined} ours @param {readonly number[] | undefined} theirs */
function ratio(ours, theirs) {
  if (ours === undefined || theirs === undefined) return Number.NaN;
  return median(theirs.map((value, round) => value / (ours[round] ?? Number.NaN)));
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** @param {readonly number[]} values */
function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** @param {number} ns */
function nsText(ns) {
  if (Number.isNaN(ns)) return '–';
  if (ns < 10_000) return `${Math.round(ns).toLocaleString('en-US')} ns`;
  return ns < 1e6 ? `${text(ns / 1e3)} µs` : `${text(ns / 1e6)} ms`;
}

/** @param {number} value */
function ratioText(value) {
  return Number.isNaN(value) ? '–' : text(value);
}

/** @param {number} value */
function count(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** @param {number | undefined} value */
function text(value = Number.NaN) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en-US');
}
