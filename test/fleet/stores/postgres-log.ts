/**
 * What a PostgreSQL really executes, in its order: its own log, to which each of its processes
 * writes at once and whole lines at a time, so that nothing is lost when it is killed. A statement
 * stands there with its client and its values when it has ended well; and before it, by a trigger
 * of the test, every row that it has written. Nothing of the library is involved.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { fromWall } from '../now.js';

/** What the settings of the server must be, for the log to be read here. */
export const logSettings: readonly string[] = [
  'log_line_prefix=@%n %p %r ',
  'log_min_duration_statement=0',
  'log_min_error_statement=fatal',
].flatMap((setting) => ['-c', setting]);

const TABLE = 'nestjs_feature_flags';

/**
 * To be run once in a new database, by its administrator. The table is made by the instances;
 * from the very statement that makes it on, nothing is written to it unseen.
 */
export const witnessSql = `
CREATE FUNCTION witness_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE LOG 'witness %', json_build_object('at', extract(epoch FROM clock_timestamp()), 'does', TG_OP,
    'before', CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN to_jsonb(OLD) - 'content' END,
    'after', CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN to_jsonb(NEW) - 'content' END);
  RETURN NULL;
END $$;
CREATE FUNCTION witness_table() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.${TABLE}') THEN
    CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON public.${TABLE}
      FOR EACH ROW EXECUTE FUNCTION witness_write();
    CREATE TRIGGER witness_all AFTER TRUNCATE ON public.${TABLE} EXECUTE FUNCTION witness_write();
    RAISE LOG 'witness {"does":"CREATE"}';
  END IF;
END $$;
CREATE EVENT TRIGGER witness_table ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
  EXECUTE FUNCTION witness_table()`;

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface WrittenRow {
  readonly does: 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'CREATE';
  readonly before?: Row | null;
  readonly after?: Row | null;
}

/** What one line says of one process of the server, and of the client that it serves. */
export type LogFact = {
  readonly at: number;
  readonly pid: number;
  /** Undefined for who came over the socket of the machine. */
  readonly port: number | undefined;
} & (
  | { readonly type: 'wrote'; readonly row: WrittenRow }
  | {
      readonly type: 'called';
      readonly name: string;
      readonly request: Readonly<Record<string, unknown>>;
    }
  /** What it has written since its last call is undone. */
  | { readonly type: 'failed' }
);

const LINE = /^@(\d+\.\d+) (\d+) (\S*) (\w+): {2}(.*)$/;
const WRITE = /^witness (\{.*\})$/;
const CALL = /^duration: .* execute [^:]*: SELECT "\w+?_v\d+_(\w+)"\(\$1, \$2/;
const VALUE = /\$\d+ = (?:'((?:[^']|'')*)'|NULL)/g;

/** Reads lines one by one: the values of a call stand in the line after it. */
export class LogReader {
  private readonly calls = new Map<number, string>();

  read(line: string): LogFact | undefined {
    const [, stamp = '', process = '', from = '', level = '', text = ''] = LINE.exec(line) ?? [];
    if (stamp === '') return undefined;
    const port = /\((\d+)\)$/.exec(from)?.[1];
    const pid = Number(process);
    const who = { at: fromWall(Number(stamp)), pid, port: port === undefined ? undefined : Number(port) }; // prettier-ignore
    if (level === 'DETAIL') {
      const name = this.calls.get(pid);
      this.calls.delete(pid);
      if (name === undefined) return undefined;
      const [, json = '{}'] = [...text.matchAll(VALUE)].map(([, value]) => value);
      const request = JSON.parse(json.replaceAll("''", "'")) as Record<string, unknown>;
      return { ...who, type: 'called', name, request };
    }
    this.calls.delete(pid);
    if (level === 'ERROR' || level === 'FATAL') return { ...who, type: 'failed' };
    const written = WRITE.exec(text)?.[1];
    if (written !== undefined) {
      const { at, ...row } = JSON.parse(written) as WrittenRow & { readonly at?: number };
      return { ...who, ...(at === undefined ? {} : { at: fromWall(at) }), type: 'wrote', row };
    }
    const call = CALL.exec(text)?.[1];
    if (call !== undefined) this.calls.set(pid, call);
    return undefined;
  }
}

const READ_EVERY_MS = 20;

export class PostgresLog {
  private readonly file: number;
  private readonly bytes = Buffer.alloc(65_536);
  private readonly reader = new LogReader();
  private readonly timer = setInterval(() => this.readNow(), READ_EVERY_MS);
  private rest = Buffer.alloc(0);

  constructor(
    path: string,
    private readonly onFact: (fact: LogFact) => void,
  ) {
    this.file = openSync(path, 'r');
  }

  /** To the end of what has been written. */
  readNow(): void {
    for (;;) {
      const length = readSync(this.file, this.bytes);
      if (length === 0) return;
      this.rest = Buffer.concat([this.rest, this.bytes.subarray(0, length)]);
      const end = this.rest.lastIndexOf('\n');
      if (end === -1) continue;
      const lines = this.rest.toString('utf8', 0, end).split('\n');
      this.rest = this.rest.subarray(end + 1);
      for (const line of lines) {
        const fact = this.reader.read(line);
        if (fact !== undefined) this.onFact(fact);
      }
    }
  }

  close(): void {
    clearInterval(this.timer);
    closeSync(this.file);
  }
}
