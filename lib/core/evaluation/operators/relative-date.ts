/**
 * Spans back from now as PostHog writes them: digits and one of h, d, w, m, y, with an optional
 * minus that changes nothing. Reckoned in UTC; months and years keep the day where they can.
 */

const hourMs = 3_600_000;
/** Longer numbers are no spans for PostHog. */
const mostUnits = 10_000;

const spanBack: Readonly<Record<string, (nowMs: number, count: number) => number>> = {
  h: (nowMs, count) => nowMs - count * hourMs,
  d: (nowMs, count) => nowMs - count * 24 * hourMs,
  w: (nowMs, count) => nowMs - count * 7 * 24 * hourMs,
  m: monthsBack,
  y: yearsBack,
};

/** Undefined when the text is no span; otherwise a function from now to the moment meant. */
export function parseRelativeDate(text: string): ((nowMs: number) => number) | undefined {
  const [, digits, unit = ''] = /^-?(\d+)([hdwmy])$/.exec(text) ?? [];
  const back = spanBack[unit];
  const count = Number(digits);
  if (back === undefined || count >= mostUnits) return undefined;
  return (nowMs) => back(nowMs, count);
}

/**
 * Month by month: a day that a month on the way does not have is cut to its last, and stays cut.
 * Two months before 31 March is 29 January, because the way leads through February.
 */
function monthsBack(nowMs: number, count: number): number {
  const date = new Date(nowMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  let day = date.getUTCDate();
  for (let step = 1; step <= count && day > 28; step++) {
    day = Math.min(day, lastDayOf(year, month - step));
  }
  return date.setUTCFullYear(year, month - count, day);
}

/** 29 February becomes 28 February, in leap years too. */
function yearsBack(nowMs: number, count: number): number {
  const date = new Date(nowMs);
  const month = date.getUTCMonth();
  const isLeapDay = count > 0 && month === 1 && date.getUTCDate() === 29;
  return date.setUTCFullYear(
    date.getUTCFullYear() - count,
    month,
    isLeapDay ? 28 : date.getUTCDate(),
  );
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}
