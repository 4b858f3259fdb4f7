/** One instance of the shop: a process of its own, that can be killed and started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Report } from '../shop/report.js';

const program = resolve(import.meta.dirname, '..', 'shop', 'main.js');

export interface InstanceParts {
  readonly name: string;
  /** 0: any. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onReport: (report: Report) => void;
}

export class Instance {
  private child: ChildProcess | undefined;
  private port: number;
  /** Where it answers; empty until it has said so. */
  url = '';

  constructor(private readonly parts: InstanceParts) {
    this.port = parts.port;
  }

  get name(): string {
    return this.parts.name;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.url !== '';
  }

  start(): void {
    const { env, onLine } = this.parts;
    const child = fork(program, {
      env: { ...process.env, ...env, PORT: `${this.port}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Out of reach of a Ctrl-C, which is for the conductor to act upon.
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', onLine);
    }
    child.on('message', (report) => this.hear(report as Report));
    child.on('exit', () => this.forget(child));
  }

  /** `SIGKILL`: no last word, no hand-over. `SIGTERM`: it may. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  get hasEnded(): boolean {
    return this.child === undefined;
  }

  private hear(report: Report): void {
    if (report.kind === 'open') this.isAt(report.url);
    this.parts.onReport(report);
  }

  private isAt(url: string): void {
    this.url = url;
    // It comes back where it was.
    this.port = Number(new URL(url).port);
  }

  private forget(child: ChildProcess): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.url = '';
  }
}
