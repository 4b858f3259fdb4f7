/** What a command has around it, and how it ends. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result, on standard output. */
  readonly say: (line: string) => void;
  /** What is wrong, or worth knowing, on standard error. */
  readonly complain: (line: string) => void;
}

/** 0: done. 1: it could not be done, or the file is no good. 2: the command was not understood. */
export type ExitCode = 0 | 1 | 2;

/** Why a command was not understood; the usage is told after it. */
export interface Misunderstood {
  readonly misunderstood: string;
}

export type Ended = ExitCode | Misunderstood;

/** Gets what stands after its name. */
export type Command = (args: readonly string[], around: Surroundings) => Promise<Ended>;
