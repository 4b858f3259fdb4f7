/** About how long, in the unit that people would use. */
export function durationText(ms: number): string {
  if (ms < 1_000) return 'less than 1 s';
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
