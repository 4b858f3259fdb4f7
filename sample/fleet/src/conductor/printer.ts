/**
 * The log that a person follows: seconds since the start, who speaks, what is said. Colours are
 * for a terminal, and for nobody who has set NO_COLOR.
 */
const colours: Readonly<Record<string, number>> = { a: 36, b: 35, c: 33 };
const BOLD = 1;

export class Printer {
  private readonly startedAtMs = performance.now();
  private readonly isColoured = process.stdout.isTTY && !process.env.NO_COLOR;

  /** A line of an instance. */
  instance(name: string, line: string): void {
    this.print(`${this.painted(`[${name}]`, colours[name])} ${line}`);
  }

  /** A line of the conductor's own. */
  say(line: string): void {
    this.print(this.painted(`── ${line}`, BOLD));
  }

  /** A line that needs no time. */
  plain(line: string): void {
    console.log(line);
  }

  private print(line: string): void {
    const seconds = ((performance.now() - this.startedAtMs) / 1_000).toFixed(1);
    console.log(`${seconds.padStart(6)} ${line}`);
  }

  private painted(text: string, code: number | undefined): string {
    return this.isColoured && code !== undefined ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
