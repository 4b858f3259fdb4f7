/** Threads that share a memory with a test; all of them are ended with it. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

export type Told = Readonly<Record<string, unknown>>;

export class Threads {
  private readonly workers = new Set<Worker>();
  /** What went wrong in any of them. */
  readonly errors: unknown[] = [];

  constructor(private readonly file: string) {}

  start(workerData: object): Worker {
    const worker = new Worker(fileURLToPath(new URL(this.file, import.meta.url)), {
      workerData,
      execArgv: ['--no-warnings'],
    });
    this.workers.add(worker);
    worker.on('error', (error) => this.errors.push(error));
    worker.on('exit', () => this.workers.delete(worker));
    return worker;
  }

  /** What a task came to. Rejects when its thread ends before it. */
  run(workerData: object): Promise<Told> {
    return resultOf(this.start(workerData));
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }
}

/** The next thing that it tells. Rejects when it ends before. */
export async function nextOf(worker: Worker): Promise<Told> {
  if (worker.threadId < 0) throw new Error('The thread has ended already.');
  const ended = new AbortController();
  try {
    const [told] = (await Promise.race([
      once(worker, 'message', { signal: ended.signal }),
      once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`The thread ended (${String(code)}) and told nothing.`);
      }),
    ])) as [Told];
    return told;
  } finally {
    ended.abort();
  }
}

/** What its task came to. Rejects when it ends before, also where nobody waits for it any more. */
export function resultOf(worker: Worker): Promise<Told> {
  const result = untilResult(worker);
  // A test that has failed ends the threads of the others that it would have waited for.
  result.catch(() => undefined);
  return result;
}

/** Listens all the time: a thread can tell two things at once and be gone. */
function untilResult(worker: Worker): Promise<Told> {
  return new Promise((resolve, reject) => {
    worker.on('message', (told: unknown) => {
      const isResult = Object(told) === told && 'result' in (told as Told);
      if (isResult) resolve((told as Told)['result'] as Told);
    });
    worker.once('exit', (code) =>
      reject(new Error(`The thread ended (${code}) without a result.`)),
    );
  });
}
