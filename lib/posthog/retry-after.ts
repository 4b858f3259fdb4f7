/** The header by which a server says when to come back (RFC 9110, section 10.2.3). */

/**
 * Milliseconds to wait according to `Retry-After`; undefined when it is absent or unreadable.
 * A date is measured against the `Date` of the same response where there is one, so that the
 * clocks of two machines are not compared.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  // Date.parse takes many a text for a date, e.g. "-5"; every HTTP date begins with a weekday.
  const at = /^[A-Z][a-z]+,? /.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const answeredAt = Date.parse(headers.get('date') ?? '');
  return Math.max(0, at - (Number.isNaN(answeredAt) ? nowMs : answeredAt));
}
