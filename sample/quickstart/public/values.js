/** Values as people read and write them. */

/** What a person typed: `true`, `42`, `null`, `["a"]` are JSON, anything else is text. */
export function parseValue(text) {
  const trimmed = text.trim();
  if (!/^(-?\d|true$|false$|null$|["[{])/.test(trimmed)) return text;
  try {
    return JSON.parse(trimmed);
  } catch {
    return text;
  }
}

/** The other way round: what to show in the field so that it reads back as the same value. */
export function formatValue(value) {
  if (typeof value !== 'string') return JSON.stringify(value);
  return parseValue(value) === value ? value : JSON.stringify(value);
}

/** A value inside a sentence: text in quotes, lists joined by "or". */
export function quote(value) {
  if (Array.isArray(value)) return value.map(quote).join(' or ');
  if (typeof value === 'string') return `“${value}”`;
  return JSON.stringify(value) ?? 'nothing';
}

const units = { h: 'hours', d: 'days', w: 'weeks', m: 'months', y: 'years' };

/** `-30d` is how PostHog writes "30 days ago". */
export function dateWords(value) {
  const [, amount, unit] = /^-?(\d+)([hdwmy])$/.exec(value) ?? [];
  return amount === undefined ? quote(value) : `${amount} ${units[unit]} ago`;
}

/** A bucket or percentage with at most one decimal. */
export function percent(number) {
  return `${Math.round(number * 10) / 10}`;
}

/** A duration in the largest unit that fits, for ages. */
export function age(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
