/**
 * One instance of the function, as Lambda treats it: a process of its own that runs while it
 * initialises and while it has a request, and is frozen (`SIGSTOP`) at all other times, from the
 * moment of its answer.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CheckoutAnswer } from '../handler.js';

const runtime = fileURLToPath(new URL('runtime.js', import.meta.url));

export class Instance {
  private constructor(private readonly child: ChildProcess) {}

  /** A cold start: resolves when it is initialised, and frozen. */
  static async start(environment: NodeJS.ProcessEnv): Promise<Instance> {
    const child = fork(runtime, { env: { ...process.env, ...environment }, silent: false });
    const instance = new Instance(child);
    await instance.heard();
    child.kill('SIGSTOP');
    return instance;
  }

  /** @returns which checkout it answers with */
  async ask(distinctId: string): Promise<string> {
    const { child } = this;
    child.kill('SIGCONT');
    const answered = this.heard();
    child.send({ distinctId });
    const { body } = (await answered) as CheckoutAnswer;
    child.kill('SIGSTOP');
    return (JSON.parse(body) as { checkout: string }).checkout;
  }

  /** As Lambda ends it: without a word. */
  end(): void {
    this.child.kill('SIGKILL');
  }

  private async heard(): Promise<unknown> {
    const heard = new AbortController();
    const { signal } = heard;
    const ended = once(this.child, 'exit', { signal }).then(
      () => Promise.reject(new Error('An instance of the function has ended.')),
      () => [],
    );
    const [message] = (await Promise.race([once(this.child, 'message', { signal }), ended])) as [
      unknown,
    ];
    heard.abort();
    return message;
  }
}
