/**
 * `npm run bench:stores`: what each place for shared definitions costs an instance, side by side. It
 * prints the tables; `--write` puts them into RESULTS.md, `--json <file>` keeps every figure,
 * `--rounds 3` and `--only redis,file` shorten it, `--smoke` only proves that it works.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { markdown, textOf, cellOf, numberOf } from '../fleet/report.mjs';
import { median } from '../fleet/rows.mjs';
import { measureIn, measures } from './measures.mjs';
import { openPlaces } from './places.mjs';

/** @typedef {Readonly<Record<import('./measures.mjs').Measure, readonly number[]>>} Figures */

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const times = values.smoke ? { checks: 5, reads: 5, publications: 2 } : undefined;

const loadAtStart = loads();
const { places, versions, close } = await openPlaces(values.only?.split(','));
/** One median for each round. @type {Map<string, Record<import('./measures.mjs').Measure, number[]>>} */
const figures = new Map(places.map(({ name }) => [name, { check: [], read: [], publication: [] }]));
try {
  // The first round warms everything up, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warming up\n' : `round ${round} of ${rounds}\n`);
    // Another begins each time, so that nobody always comes after the same one.
    const order = [
      ...places.slice(round % places.length),
      ...places.slice(0, round % places.length),
    ];
    for (const place of order) {
      const measured = await measureIn(place, times);
      if (round === 0) continue;
      for (const { id } of measures) figures.get(place.name)?.[id].push(median(measured[id]));
    }
  }
} finally {
  await close();
}

const [cpu] = cpus();
const report = [
  `${new Date().toISOString().slice(0, 16)} UTC. ${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${versions}. Load averages at the start: ${loadAtStart}; at the end: ${loads()}.`,
  `${rounds} rounds; the median of the rounds' medians (lowest – highest), in milliseconds.`,
  markdown(
    ['', ...measures.map(({ title }) => title)],
    places.map(({ name }) => [
      name,
      ...measures.map(({ id }) => textOf(cellOf(figures.get(name)?.[id] ?? []))),
    ]),
  ),
  'Times Redis, the median of the rounds:',
  markdown(
    ['', ...measures.map(({ title }) => title)],
    places
      .filter(({ name }) => name !== 'Redis')
      .map(({ name }) => [name, ...measures.map(({ id }) => timesRedis(name, id))]),
  ),
].join('\n\n');
process.stdout.write(`${report}\n`);
if (values.json !== undefined) {
  const all = Object.fromEntries(figures);
  writeFileSync(
    values.json,
    `${JSON.stringify({ versions, rounds, figures: all }, undefined, 2)}\n`,
  );
}
if (values.write) writeResults();

/** @param {string} name @param {import('./measures.mjs').Measure} measure */
function timesRedis(name, measure) {
  const redis = figures.get('Redis')?.[measure];
  const own = figures.get(name)?.[measure];
  if (redis === undefined || own === undefined) return '–';
  return numberOf(median(own.map((value, round) => value / (redis[round] ?? Number.NaN))));
}

/** Between the two marks of the page. */
function writeResults() {
  const page = new URL('../RESULTS.md', import.meta.url);
  const [begin, end] = ['<!-- figures of bench:stores -->', '<!-- end of the figures of bench:stores -->']; // prettier-ignore
  const text = readFileSync(page, 'utf8');
  const [before] = text.split(begin);
  const [, after] = text.split(end);
  writeFileSync(page, `${before}${begin}\n\n${report}\n\n${end}${after}`);
}

function loads() {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(', ');
}
