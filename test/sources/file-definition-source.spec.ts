import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DefinitionSourceAnswer } from '../../lib/core/definitions/definition-source.js';
import { FileDefinitionSource } from '../../lib/sources/file-definition-source.js';
import type { FileDefinitionSourceOptions } from '../../lib/sources/file-definition-source.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';

const { signal } = new AbortController();
const one = { flags: [{ key: 'one' }] };
const two = { flags: [{ key: 'two' }] };

let directory: string;
let path: string;
const opened: FileDefinitionSource[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flags-'));
  path = join(directory, 'flags.json');
});

afterEach(async () => {
  for (const source of opened.splice(0)) source.close();
  await rm(directory, { recursive: true, force: true });
});

function sourceOf(file: string | URL = path, options?: FileDefinitionSourceOptions) {
  const source = new FileDefinitionSource(file, options);
  opened.push(source);
  return source;
}

const write = (content: unknown): Promise<void> => writeFile(path, JSON.stringify(content));

function ask(source: FileDefinitionSource, etag?: string): Promise<DefinitionSourceAnswer> {
  return source.fetch(etag === undefined ? { signal } : { signal, etag });
}

async function etagOf(source: FileDefinitionSource): Promise<string> {
  const answer = await ask(source);
  if (answer.kind !== 'definitions') throw new Error(`expected definitions: ${answer.kind}`);
  return answer.etag ?? '';
}

async function failureOf(answer: Promise<DefinitionSourceAnswer>) {
  const answered = await answer;
  if (answered.kind !== 'failed') throw new Error(`expected a failure: ${answered.kind}`);
  return answered.failure;
}

describe('the file', () => {
  it('is read in PostHog’s own format, with an etag of its content', async () => {
    await write(one);
    expect(await ask(sourceOf())).toEqual({
      kind: 'definitions',
      body: one,
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
  });

  it('is not modified while its content is the same, even when it is written again', async () => {
    await write(one);
    const source = sourceOf();
    const etag = await etagOf(source);
    expect(await ask(source, etag)).toEqual({ kind: 'not-modified', etag });
    await write(one);
    expect(await ask(source, etag)).toEqual({ kind: 'not-modified', etag });
  });

  it('is read anew when its content is other, even of the same size', async () => {
    await write(one);
    const source = sourceOf();
    const etag = await etagOf(source);
    await write(two);
    expect(await ask(source, etag)).toMatchObject({ kind: 'definitions', body: two });
  });

  it('may begin with a byte order mark', async () => {
    await writeFile(path, `\ufeff${JSON.stringify(one)}`);
    expect(await ask(sourceOf())).toMatchObject({ body: one });
  });

  it('may be named by a relative path or a file: URL', async () => {
    await write(one);
    for (const name of [relative(process.cwd(), path), pathToFileURL(path)]) {
      const source = sourceOf(name);
      expect(source.description).toBe(path);
      expect(await ask(source)).toMatchObject({ body: one });
    }
  });
});

describe('a file that cannot be used', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['a comma too many', '{\n  "flags": [],\n}', /line 3, column 1: expected a name/],
    ['cut off', '{"flags": [', /line 1, column 12: .* found the end of the file/],
    ['empty', '', /it is empty/],
    ['of another encoding', Buffer.from(JSON.stringify(one), 'utf16le'), /UTF-8|column/],
    ['binary', Buffer.from([0x7b, 0xff, 0xfe]), /it is not text in UTF-8/],
  ])('is named with the place of the mistake: %s', async (_name, content, why) => {
    await writeFile(path, content);
    const failure = await failureOf(ask(sourceOf()));
    expect(failure.code).toBe('invalid-definitions');
    expect(failure.message).toContain(path);
    expect(failure.message).toMatch(why);
  });

  it('is named when it is missing, at once', async () => {
    const clock = new ManualClock();
    const failure = await failureOf(ask(sourceOf(path, { clock })));
    expect(failure.code).toBe('unreadable');
    expect(failure.message).toMatch(/There is no definitions file at .*flags\.json\. Probably/);
    expect(clock.timers).toBe(0);
  });

  it('is named when the path goes through a file', async () => {
    await write(one);
    expect((await failureOf(ask(sourceOf(join(path, 'x.json'))))).message).toMatch(/There is no/);
  });

  it('is named when it is a directory', async () => {
    const failure = await failureOf(ask(sourceOf(directory)));
    expect(failure).toMatchObject({ code: 'unreadable' });
    expect(failure.message).toContain('is no file but a directory');
  });

  it('is named when it is a pipe into which nobody writes', async () => {
    await promisify(execFile)('mkfifo', [path]);
    expect((await failureOf(ask(sourceOf()))).message).toContain('is no file');
  });

  it('is named when its link leads in a circle', async () => {
    await symlink('flags.json', path);
    expect((await failureOf(ask(sourceOf()))).message).toContain('could not be read (ELOOP)');
  });

  it('is named when it is too large, without being read', async () => {
    await write(one);
    await truncate(path, 33 * 1024 * 1024);
    expect((await failureOf(ask(sourceOf()))).message).toMatch(/has 34603008 bytes/);
  });

  it('is named when this user may not read it', async () => {
    await write(one);
    await chmod(path, 0);
    const answer = await ask(sourceOf());
    // Root may read everything.
    const expected = process.getuid?.() === 0 ? { kind: 'definitions' } : { kind: 'failed' };
    expect(answer).toMatchObject(expected);
  });

  it('is read again without a new source once it is good', async () => {
    const source = sourceOf();
    expect((await ask(source)).kind).toBe('failed');
    await write(one);
    expect(await ask(source)).toMatchObject({ body: one });
  });
});

describe('a half-written file', () => {
  it('is read again, and nothing is said when it was finished meanwhile', async () => {
    const clock = new ManualClock();
    await writeFile(path, '{"flags": [{"ke');
    const asked = ask(sourceOf(path, { clock }));
    await until(() => clock.timers === 1);
    await write(two);
    await clock.advance(25);
    expect(await asked).toMatchObject({ kind: 'definitions', body: two });
  });

  it('is a failure when it stays so for 250 ms', async () => {
    const clock = new ManualClock();
    await writeFile(path, '{"flags": [{"ke');
    const asked = failureOf(ask(sourceOf(path, { clock })));
    const waitedMs = await advanceUntilSettled(clock, asked);
    expect((await asked).code).toBe('invalid-definitions');
    expect(waitedMs).toBe(250);
  });

  it('is waited for once, not at every poll', async () => {
    const clock = new ManualClock();
    const source = sourceOf(path, { clock });
    await writeFile(path, 'no JSON');
    await advanceUntilSettled(clock, ask(source));
    const pollAgain = ask(source);
    expect(await advanceUntilSettled(clock, pollAgain)).toBe(0);
    expect((await pollAgain).kind).toBe('failed');
    await writeFile(path, 'no JSON, but other');
    expect(await advanceUntilSettled(clock, ask(source))).toBe(250);
  });

  it('that is away between removal and renaming is waited for, if it was there before', async () => {
    const clock = new ManualClock();
    await write(one);
    const source = sourceOf(path, { clock });
    await ask(source);
    await rm(path);
    const asked = ask(source);
    await until(() => clock.timers === 1);
    await write(two);
    await clock.advance(25);
    expect(await asked).toMatchObject({ body: two });
  });

  it('is not waited for when the app shuts down', async () => {
    const clock = new ManualClock();
    await writeFile(path, '{');
    const abort = new AbortController();
    const asked = sourceOf(path, { clock }).fetch({ signal: abort.signal });
    await until(() => clock.timers === 1);
    abort.abort();
    expect((await asked).kind).toBe('failed');
    expect(clock.timers).toBe(0);
  });
});

describe('watching', () => {
  /** Resolves when the source says that something may have changed. */
  function change(source: FileDefinitionSource): Promise<void> {
    return new Promise((resolve) => source.watch(resolve));
  }

  it.each<[string, () => Promise<void>]>([
    ['written in place', () => write(two)],
    ['replaced by renaming, as editors do', replaceByRenaming],
    ['removed and written again', () => rm(path).then(() => write(two))],
  ])('tells when the file is %s', async (_name, edit) => {
    await write(one);
    const source = sourceOf();
    const etag = await etagOf(source);
    const changed = change(source);
    await edit();
    await changed;
    expect(await ask(source, etag)).toMatchObject({ kind: 'definitions', body: two });
  });

  it('tells again after the file was replaced once', async () => {
    await write(one);
    const source = sourceOf();
    await ask(source);
    for (const flags of [[{ key: 'b' }], [{ key: 'c' }], [{ key: 'd' }]]) {
      const changed = change(source);
      await writeFile(`${path}.new`, JSON.stringify({ flags }));
      await rename(`${path}.new`, path);
      await changed;
      expect(await ask(source)).toMatchObject({ body: { flags } });
    }
  });

  it('tells when Kubernetes swaps the link of a mounted ConfigMap', async () => {
    await mountVersion('v1', one);
    await symlink('..data/flags.json', path);
    const source = sourceOf();
    const etag = await etagOf(source);
    for (const [name, content] of [['v2', two] as const, ['v3', one] as const]) {
      const changed = change(source);
      await mountVersion(name, content);
      await changed;
      expect(await ask(source)).toMatchObject({ body: content });
    }
    expect(await etagOf(source)).toBe(etag);
  });

  it('tells when the file behind a link is edited where it lies, and follows the link', async () => {
    const [a, b] = await Promise.all([linkable('a'), linkable('b')]);
    await link(a);
    const source = sourceOf();
    await ask(source);
    await writeFile(a, JSON.stringify({ flags: [{ key: 'before watching' }] }));
    await change(source);

    let changed = change(source);
    await writeFile(a, JSON.stringify({ flags: [{ key: 'in place' }] }));
    await changed;
    changed = change(source);
    await link(b);
    await changed;
    // Nobody has read the file since: a follower of the fleet has no reason to.
    changed = change(source);
    await writeFile(b, JSON.stringify({ flags: [{ key: 'in the new place' }] }));
    await changed;
    expect(await ask(source)).toMatchObject({ body: { flags: [{ key: 'in the new place' }] } });
  });

  it('leaves a directory to which the link leads no more', async () => {
    const [a, b] = await Promise.all([linkable('a'), linkable('b')]);
    await link(a);
    const clock = new ManualClock();
    const source = sourceOf(path, { clock });
    await ask(source);
    await writeFile(a, JSON.stringify(two));
    await change(source);
    const followed = change(source);
    await link(b);
    await until(() => clock.timers === 1);
    await clock.advance(50);
    await followed;

    const witness = sourceOf(a);
    await ask(witness);
    await writeFile(a, JSON.stringify(one));
    await change(witness);
    const witnessed = change(witness);
    await writeFile(a, JSON.stringify(two));
    await witnessed;
    expect(clock.timers).toBe(0);
  });

  it('tells when the file goes, and when it comes back', async () => {
    await write(one);
    const source = sourceOf();
    await ask(source);
    let changed = change(source);
    await rm(path);
    await changed;
    expect((await ask(source)).kind).toBe('failed');
    changed = change(source);
    await write(two);
    await changed;
    expect(await ask(source)).toMatchObject({ body: two });
  });

  it('begins with the next reading when the directory comes late, or is replaced', async () => {
    const late = join(directory, 'late');
    const source = sourceOf(join(late, 'flags.json'));
    let changed = change(source);
    expect((await ask(source)).kind).toBe('failed');
    for (const content of [one, two]) {
      await rm(late, { recursive: true, force: true });
      await mkdir(late);
      await writeFile(join(late, 'flags.json'), JSON.stringify({ flags: [] }));
      await ask(source);
      changed = change(source);
      await writeFile(join(late, 'flags.json'), JSON.stringify(content));
      await changed;
      expect(await ask(source)).toMatchObject({ body: content });
    }
  });

  it('tells of a change that came between the reading and the watching', async () => {
    await write(one);
    const source = sourceOf();
    await ask(source);
    await replaceByRenaming();
    await change(source);
    expect(await ask(source)).toMatchObject({ body: two });
  });

  it('tells once of many events', async () => {
    const clock = new ManualClock();
    const source = sourceOf(path, { clock });
    await beginWatching(source);
    let told = 0;
    source.watch(() => (told += 1));
    for (const flags of [[], [{ key: 'b' }], [{ key: 'c' }]]) await write({ flags });
    await until(() => clock.timers === 1);
    await clock.advance(50);
    await until(() => told > 0);
    expect(told).toBe(1);
  });

  it('tells nothing of other files in the directory', async () => {
    const clock = new ManualClock();
    const source = sourceOf(path, { clock });
    await beginWatching(source);
    let told = 0;
    source.watch(() => (told += 1));
    await writeFile(join(directory, 'other.json'), JSON.stringify(one));
    await until(() => clock.timers === 1);
    await clock.advance(50);
    // The look at the file has begun; the reading below begins after it and takes longer.
    await ask(source);
    await ask(source);
    expect(told).toBe(0);
  });

  it('ends with the last subscription, and with close', async () => {
    const clock = new ManualClock();
    const source = sourceOf(path, { clock });
    const stopFirst = await beginWatching(source);
    let told = 0;
    const stop = source.watch(() => (told += 1));
    await write(two);
    await until(() => clock.timers === 1);
    stopFirst();
    stopFirst();
    expect(clock.timers).toBe(1);
    stop();
    expect(clock.timers).toBe(0);

    await beginWatching(source);
    source.watch(() => (told += 1));
    await write(two);
    await until(() => clock.timers === 1);
    source.close();
    expect(clock.timers).toBe(0);
    expect(told).toBe(0);
  });

  it('is left out when it is switched off', async () => {
    const watching = sourceOf();
    await beginWatching(watching);
    const source = sourceOf(path, { watch: false });
    await ask(source);
    let told = 0;
    const stop = source.watch(() => (told += 1));
    const changed = change(watching);
    await write(one);
    await changed;
    stop();
    expect(told).toBe(0);
  });

  it('keeps no process alive', async () => {
    const source = sourceOf();
    await beginWatching(source);
    expect(process.getActiveResourcesInfo()).not.toContain('FSEventWrap');
  });

  /** Watches, and resolves once changes are noticed and the present state is known. */
  async function beginWatching(source: FileDefinitionSource): Promise<() => void> {
    await write(one);
    await ask(source);
    await replaceByRenaming();
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => (stop = source.watch(resolve)));
    await ask(source);
    return stop;
  }

  async function linkable(name: string): Promise<string> {
    await mkdir(join(directory, name));
    const file = join(directory, name, 'real.json');
    await writeFile(file, JSON.stringify({ flags: [{ key: name }] }));
    return file;
  }

  async function link(target: string): Promise<void> {
    await symlink(target, `${path}.link`);
    await rename(`${path}.link`, path);
  }

  async function replaceByRenaming(): Promise<void> {
    await writeFile(`${path}~`, JSON.stringify(two));
    await rename(`${path}~`, path);
  }

  async function mountVersion(name: string, content: unknown): Promise<void> {
    await mkdir(join(directory, `..${name}`));
    await writeFile(join(directory, `..${name}`, 'flags.json'), JSON.stringify(content));
    await symlink(`..${name}`, join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  }
});

describe('a wrong option', () => {
  it.each<[unknown, unknown, RegExp]>([
    ['', {}, /its path must be/],
    [undefined, {}, /its path must be/],
    [new URL('https://example.com/flags.json'), {}, /its path must be/],
    ['flags.json', { watch: 'yes' }, /watch must be true or false, got a string/],
  ])('%p with %j is refused', (file, options, why) => {
    const make = () => new FileDefinitionSource(file as string, options as object);
    expect(make).toThrow(why);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass 25 ms at a time, and says how much it took. */
async function advanceUntilSettled(clock: ManualClock, work: Promise<unknown>): Promise<number> {
  let isSettled = false;
  void work.finally(() => (isSettled = true));
  const beganAt = clock.now();
  for (;;) {
    await until(() => isSettled || clock.timers > 0);
    if (isSettled) return clock.now() - beganAt;
    await clock.advance(25);
  }
}
