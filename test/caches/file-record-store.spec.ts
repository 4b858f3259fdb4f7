/**
 * Records and claims in a folder: what lies there, who is told of it, what is refused and written
 * again, and what happens when the folder or the disk is in trouble.
 */
import { readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemIo, type FileIo } from '../../lib/caches/file/file-io.js';
import { fileFault } from '../../lib/caches/file/file-fault.js';
import { bodyName, headName } from '../../lib/caches/file/file-names.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { checkRequest } from '../core/coordination/store-in-hand.js';
import { eventually } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { CacheFolderInTest, systemError } from '../support/file-records.js';

let place: CacheFolderInTest;
beforeEach(() => {
  place = new CacheFolderInTest();
});
afterEach(() => place.remove());

describe('records in a folder', () => {
  it('are there for another process, text as text and bytes as bytes', async () => {
    const [writer, reader] = [await place.open(), await place.open()];
    for (const body of ['{"flags":["ä\n"]}', new Uint8Array([0, 255, 10, 13, 0])]) {
      const revision = await lead(writer, 'a', recordOf('one', body));
      expect(await reader.readHead()).toMatchObject({ revision, codec: 'json', etag: '"one"' });
      const read = await reader.readBody(revision);
      expect(read?.body).toEqual(body);
      expect(read?.head).toMatchObject({ revision, digest: recordOf('one').digest });
    }
  });

  it('outlive the processes: who starts again has them at once, and nobody is asked', async () => {
    const first = await place.open();
    const revision = await lead(first, 'a', recordOf('one'));
    await claimsOf(first).leave('a');
    await first.close();
    const again = await place.open();
    const reply = await claimsOf(again).check(checkRequest({ instance: 'b' }));
    expect(reply).toMatchObject({ verdict: 'not-due', revision });
    expect((await again.readBody(revision))?.body).toBe(recordOf('one').body);
  });

  it('belong to this user alone: folders 700, files 600', async () => {
    const store = await place.open();
    await lead(store, 'a', recordOf('one'));
    const modes = new Map<string, number>();
    for (const entry of readdirSync(place.inner, { recursive: true, withFileTypes: true })) {
      const path = `${entry.parentPath}/${entry.name}`;
      modes.set(path, statSync(path).mode & 0o777);
      expect(modes.get(path)).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect(statSync(place.inner).mode & 0o777).toBe(0o700);
    expect(modes.size).toBeGreaterThanOrEqual(5);
  });

  it('leave nothing behind: three heads, the bodies that can be asked for, one file for each member', async () => {
    let shiftMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + shiftMs };
    const store = await place.open({ clock });
    for (let turn = 1; turn <= 20; turn += 1) {
      await lead(store, 'a', recordOf(`n${turn}`));
      shiftMs += 5 * 60_000;
    }
    expect(place.names('head-')).toHaveLength(3);
    expect(place.names('body-').length).toBeLessThanOrEqual(4);
    expect(readdirSync(place.path('members'))).toHaveLength(1);
    expect(place.names('.tmp-')).toEqual([]);
  });

  it('are cleaned of what dead processes have left, after an hour, and of nothing else', async () => {
    const store = await place.open();
    await lead(store, 'a', recordOf('one'));
    const leftovers = ['.tmp-dead', 'refused-body-1', headName('0123456789abcdef', 5)];
    for (const name of [...leftovers, '.tmp-alive', 'notes.txt']) {
      writeFileSync(place.path(name), 'x');
      const longAgo = name.includes('alive') ? new Date() : new Date(Date.now() - 7_200_000);
      utimesSync(place.path(name), longAgo, longAgo);
    }
    await lead(store, 'a', recordOf('two'));
    const names = place.names();
    for (const name of leftovers) expect(names).not.toContain(name);
    expect(names).toEqual(expect.arrayContaining(['.tmp-alive', 'notes.txt', 'origin']));
    expect((await store.readHead())?.digest).toBe(recordOf('two').digest);
  });
});

describe('a body that is damaged or foreign', () => {
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer | string])[] = [
    ['was cut short', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['is empty', () => ''],
    ['has another letter', (bytes) => Buffer.from(String(bytes).replace('flags', 'flogs'))],
    ['has another revision in it', (bytes) => String(bytes).replace(/"revision":\d+/, '"revision":1')],
    ['was written by somebody else', () => '{"flags":[]}'],
  ]; // prettier-ignore

  it.each(damages)('%s: it is refused, and published again', async (_what, damage) => {
    const [store, other] = [await place.open(), await place.open()];
    const revision = await lead(store, 'a', recordOf('one'));
    const path = place.path(bodyName(revision));
    writeFileSync(path, damage(readFileSync(path)));

    await expect(other.readBody(revision)).rejects.toMatchObject({ code: 'foreign-value' });
    expect(await other.readBody(revision)).toBeUndefined();
    const reply = await askForClaim(other, 'b', { kick: false });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true, etag: undefined });
    await publishAs(other, 'b', reply.token, recordOf('one'));
    expect((await store.readBody(reply.token))?.body).toBe(recordOf('one').body);
    expect(place.names('refused-')).toHaveLength(1);
  });

  it('does not stand in the way of the body that belongs there', async () => {
    const store = await place.open();
    const { token } = await askForClaim(store, 'a');
    writeFileSync(place.path(bodyName(token)), 'half of a bo');
    expect(await publishAs(store, 'a', token, recordOf('one'))).toBe('accepted');
    expect((await store.readBody(token))?.body).toBe(recordOf('one').body);
  });

  it('is not overwritten when it is whole and another: the publication is refused', async () => {
    const elsewhere = new CacheFolderInTest();
    const store = await place.open();
    const { token } = await askForClaim(store, 'a');
    await (await elsewhere.open()).publish(recordOf('theirs'), token);
    const name = bodyName(token);
    writeFileSync(place.path(name), readFileSync(elsewhere.path(name)));
    await elsewhere.remove();
    const before = readFileSync(place.path(name));
    expect(await publishAs(store, 'a', token, recordOf('own'))).toBe('must-publish');
    expect(readFileSync(place.path(name))).toEqual(before);
    expect(await store.readHead()).toBeUndefined();
  });
});

describe('hints', () => {
  it('come with a publication of another process, and not with a claim or a sign of life', async () => {
    const [writer, listener] = [await place.open(), await place.open()];
    await lead(writer, 'a', recordOf('one'));
    let hints = 0;
    const stop = listener.watch!(() => (hints += 1));
    // A new subscription hints by itself: something may have come before it began.
    expect(await eventually(() => hints === 1)).toBe(true);
    for (let member = 1; member <= 5; member += 1) {
      await claimsOf(writer).check(checkRequest({ instance: `m${member}` }));
    }
    const { token } = await askForClaim(writer, 'a');
    expect(hints).toBe(1);
    await publishAs(writer, 'a', token, recordOf('two'));
    expect(await eventually(() => hints === 2)).toBe(true);
    stop();
    await lead(writer, 'a', recordOf('three'));
    expect(hints).toBe(2);
  });

  it('come again after the folder was removed and made anew, once a check has seen it', async () => {
    const [writer, listener] = [await place.open(), await place.open()];
    await lead(writer, 'a', recordOf('one'));
    let hints = 0;
    listener.watch!(() => (hints += 1));
    await listener.readHead();
    rmSync(place.folder, { recursive: true });
    await lead(writer, 'a', recordOf('two'));
    // Each look of an app is such a check.
    const isFollowed = async (): Promise<boolean> => {
      await listener.readHead();
      const before = hints;
      await lead(writer, 'a', recordOf(`more${before}`));
      return eventually(() => hints > before, 200);
    };
    expect(await eventually(isFollowed)).toBe(true);
  });
});

describe('a folder in trouble', () => {
  it('that is removed is made again, above everything that anybody holds', async () => {
    const store = await place.open();
    const token = await lead(store, 'a', recordOf('one'));
    rmSync(dirname(place.inner), { recursive: true });
    expect(await store.readHead()).toBeUndefined();
    const reply = await askForClaim(store, 'a', { token, revision: token });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(reply.token).toBeGreaterThan(token);
    expect(await publishAs(store, 'a', reply.token, recordOf('two'))).toBe('accepted');
    expect(statSync(place.folder).mode & 0o777).toBe(0o700);
  });

  it('in which a member was written while it is removed gets its members back', async () => {
    const store = await place.open();
    await claimsOf(store).check(checkRequest({ instance: 'a' }));
    rmSync(place.path('members'), { recursive: true });
    await claimsOf(store).check(checkRequest({ instance: 'b' }));
    expect((await claimsOf(store).members()).map(({ instance }) => instance)).toEqual(['b']);
  });

  it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EMFILE', 'EIO'])(
    'that cannot be written (%s): what is there stays, the error says what to do, and it goes on afterwards',
    async (code) => {
      let isFaulty = false;
      const open = (async (path: string, flags: string, mode: number) => {
        if (isFaulty && flags === 'wx') throw systemError(code);
        return systemIo.open(path, flags, mode);
      }) as FileIo['open'];
      const store = await place.open({ io: { open } });
      const revision = await lead(store, 'a', recordOf('one'));
      const { token } = await askForClaim(store, 'a');
      const before = place.names().toSorted();
      isFaulty = true;
      await expect(publishAs(store, 'a', token, recordOf('two'))).rejects.toMatchObject({
        code: 'cache-unavailable',
        message: expect.stringMatching(
          new RegExp(`could not write in .+ \\(${code}\\): .{20,}\\.$`),
        ),
      });
      expect(place.names().toSorted()).toEqual(before);
      expect((await store.readBody(revision))?.body).toBe(recordOf('one').body);
      const follower = checkRequest({ instance: 'follower' });
      expect(await claimsOf(store).check(follower)).toMatchObject({ verdict: 'held', revision });
      isFaulty = false;
      expect(await publishAs(store, 'a', token, recordOf('two'))).toBe('accepted');
    },
  );

  it('whose disk is full in the middle of a file: half of it never gets a name', async () => {
    let isFull = false;
    const open = (async (path: string, flags: string, mode: number) => {
      const handle = await systemIo.open(path, flags, mode);
      if (!isFull || flags !== 'wx') return handle;
      const writeFile = async (bytes: Uint8Array): Promise<void> => {
        await handle.writeFile(bytes.subarray(0, 100));
        throw systemError('ENOSPC');
      };
      return { writeFile, sync: () => handle.sync(), close: () => handle.close() };
    }) as FileIo['open'];
    const store = await place.open({ io: { open } });
    await lead(store, 'a', recordOf('one'));
    const { token } = await askForClaim(store, 'a');
    const before = place.names().toSorted();
    isFull = true;
    await expect(publishAs(store, 'a', token, recordOf('two'))).rejects.toThrow(/disk is full/);
    expect(place.names().toSorted()).toEqual(before);
  });

  it('names what it does not know without guessing', () => {
    const fault = fileFault(systemError('EWEIRD'), 'read', '/var/lib/flags');
    expect(fault.message).toContain(
      'could not read in /var/lib/flags (EWEIRD): look at the folder',
    );
    expect(fileFault(new Error('other'), 'read', '/x').message).toContain('in /x: look at');
  });
});
