/**
 * What `fileCache` and a `file:` URL take, and which folders they refuse: those that others could
 * write, and those on another machine.
 */
import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileCache, type FileCacheOptions } from '../../lib/caches-file.js';
import { systemIo, type FileIo } from '../../lib/caches/file/file-io.js';
import { folderNameOf } from '../../lib/caches/file/file-names.js';
import { openFileRecords } from '../../lib/caches/file/open-file-records.js';
import { readCacheUrl } from '../../lib/caches/url/cache-url.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { createPostHogCacheProvider } from '../../lib/posthog-cache-provider.js';
import { lead, recordOf } from '../support/claim-turns.js';
import { systemError } from '../support/file-records.js';

const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
const isRoot = process.geteuid?.() === 0;
const STRANGER = 65_534;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'flags-file-cache-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function refusal(folder: string): Promise<unknown> {
  return Promise.resolve(fileCache(folder).open(settings)).then(
    () => 'opened',
    (error: unknown) => error,
  );
}

describe('fileCache', () => {
  it('makes its folder for this user alone, a folder in it for each key and project', async () => {
    const folder = join(home, 'deep', 'flags');
    const one = await fileCache(folder).open(settings);
    const two = await fileCache(folder, { key: 'a/b:c' }).open({ ...settings, identity: 'p1' });
    await lead(one, 'a', recordOf('one'));
    expect(await two.readHead()).toBeUndefined();
    expect([one.key, two.key]).toEqual(['default', 'a/b:c:p1']);
    for (const path of [join(home, 'deep'), folder, join(folder, folderNameOf('a/b:c:p1'))]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
    expect(one.description).toBe(`the folder ${folder}`);
    await Promise.all([one.close(), two.close()]);
  });

  it('gives namespaces folders that never collide, though letters are left out', () => {
    const names = ['a:b', 'a/b', 'a-b', 'A-b', 'a'.repeat(99), 'a'.repeat(98), '..', '.'];
    const folders = names.map(folderNameOf);
    expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(names.length);
    for (const name of folders) expect(name).toMatch(/^v1-[\w.-]{1,40}-[0-9a-f]{16}$/);
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ['a relative folder', 'flags', {}, /must be an absolute path/],
    ['no folder', undefined, {}, /must be an absolute path/],
    ['a folder with a zero byte', '/tmp/a\0b', {}, /must be an absolute path/],
    ['a wrong key', '/x', { key: 'no spaces' }, /option key/],
    ['a wrong choice', '/x', { onNetworkFolder: 'yes' }, /'refuse' or 'best-effort'/],
    [
      'an unknown option',
      '/x',
      { path: 1 },
      /no option path\. There are key, onNetworkFolder, push/,
    ],
  ])('reports %s and opens nothing', async (_what, folder, options, mistake) => {
    const backend = fileCache(folder as string, options as FileCacheOptions);
    expect(backend.mistakes?.join(' ')).toMatch(mistake);
    await expect(Promise.resolve(backend.open(settings))).rejects.toThrow(TypeError);
  });

  it('has its mistakes reported where it is used', async () => {
    const provider = createPostHogCacheProvider(fileCache('flags'), { projectApiKey: 'phc_x' });
    await expect(provider).rejects.toThrow(/absolute path/);
  });
});

describe('a folder that must not be used', () => {
  const openToAll = (path: string): string => {
    mkdirSync(path);
    chmodSync(path, 0o777);
    return path;
  };

  it('may be written by everybody: refused; a folder of our own in it is not', async () => {
    const shared = openToAll(join(home, 'shared'));
    expect(await refusal(shared)).toMatchObject({
      code: 'invalid-options',
      message: expect.stringMatching(/may be written by every user.*chmod o-w/),
    });
    expect(await refusal(tmpdir())).toMatchObject({ code: 'invalid-options' });
    expect(await refusal(join(shared, 'own'))).toBe('opened');
  });

  it('is a file', async () => {
    writeFileSync(join(home, 'file'), '');
    // The system says so before we can look: it is told at the first use, and at each.
    const store = await fileCache(join(home, 'file')).open(settings);
    await expect(store.readHead()).rejects.toThrow(/EEXIST.*choose another path/);
    await store.close();
  });

  it('could not be looked at when the app started: it is looked at before its first use', async () => {
    const folder = join(home, 'later');
    let isFull = true;
    const mkdir = (async (path: string, options: object) => {
      if (isFull) throw systemError('ENOSPC');
      return systemIo.mkdir(path, options);
    }) as FileIo['mkdir'];
    const parts = { folder, key: 'k', allowsNetwork: false, push: false };
    const store = await openFileRecords({ ...parts, io: { ...systemIo, mkdir } }, settings);
    await expect(store.readHead()).rejects.toThrow(/ENOSPC.*disk is full/);
    isFull = false;
    openToAll(folder);
    await expect(lead(store, 'a', recordOf('one'))).rejects.toThrow(/may be written by every user/);
    chmodSync(folder, 0o700);
    expect(await lead(store, 'a', recordOf('one'))).toBeGreaterThan(0);
  });

  it('was opened to others inside', async () => {
    const inner = join(home, 'flags', folderNameOf('default'));
    expect(await refusal(join(home, 'flags'))).toBe('opened');
    chmodSync(inner, 0o770);
    expect(await refusal(join(home, 'flags'))).toMatchObject({
      message: expect.stringMatching(/may be written by other users.*chmod 700/),
    });
  });

  it('T16: has a link where our own folder should be', async () => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(join(home, 'flags'), { mode: 0o700 });
    symlinkSync(elsewhere, join(home, 'flags', folderNameOf('default')));
    expect(await refusal(join(home, 'flags'))).toMatchObject({
      message: expect.stringMatching(/is a link or a file/),
    });
  });

  // Only root can give files away.
  const itAsRoot = isRoot ? it : it.skip;

  itAsRoot(
    'T16: belongs to a stranger, or is reached through what a stranger has laid',
    async () => {
      const foreign = join(home, 'foreign');
      mkdirSync(foreign, { mode: 0o755 });
      chownSync(foreign, STRANGER, STRANGER);
      expect(await refusal(foreign)).toMatchObject({
        message: expect.stringMatching(/belongs to another user/),
      });
      const shared = openToAll(join(home, 'shared'));
      mkdirSync(join(home, 'mine'), { mode: 0o700 });
      symlinkSync(join(home, 'mine'), join(shared, 'link'));
      lchownSync(join(shared, 'link'), STRANGER, STRANGER);
      expect(await refusal(join(shared, 'link'))).toMatchObject({
        message: expect.stringMatching(/by a link or folder there which belongs to another user/),
      });
      expect(await refusal(join(home, 'mine'))).toBe('opened');
    },
  );

  itAsRoot('T16: holds a head that a stranger has written: it counts as none', async () => {
    const store = await fileCache(join(home, 'flags')).open(settings);
    await lead(store, 'a', recordOf('one'));
    const inner = join(home, 'flags', folderNameOf('default'));
    for (const name of readdirSync(inner)) {
      if (name.startsWith('head-')) chownSync(join(inner, name), STRANGER, STRANGER);
    }
    expect(await store.readHead()).toBeUndefined();
    await store.close();
  });
});

describe('a folder on another machine', () => {
  const openOn = (type: number, allowsNetwork: boolean) => {
    const statfs = (async () => ({ type })) as unknown as FileIo['statfs'];
    const parts = { folder: join(home, 'flags'), key: 'k', allowsNetwork, push: true };
    return openFileRecords({ ...parts, io: { ...systemIo, statfs } }, settings);
  };
  // Only Linux tells.
  const itOnLinux = process.platform === 'linux' ? it : it.skip;

  itOnLinux.each([
    ['NFS', 0x6969],
    ['SMB (CIFS)', 0xff534d42],
    ['SMB (CIFS)', 0xff534d42 - 2 ** 32],
    ['FUSE', 0x65735546],
    ['9P', 0x01021997],
  ])('is refused (%s, %d)', async (name, type) => {
    await expect(openOn(type, false)).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining(`network file system (${name})`),
    });
  });

  itOnLinux(
    'is used where that was said, without hints, and says what it does not promise',
    async () => {
      const store = await openOn(0x6969, true);
      expect(store.description).toBe(`the folder ${join(home, 'flags')}`);
      expect(store.caveat).toMatch(/^On a network file system \(NFS\) neither is certain/);
      expect(store.watch).toBeUndefined();
      const revision = await lead(store, 'a', recordOf('one'));
      expect((await store.readHead())?.revision).toBe(revision);
      await store.close();
    },
  );

  itOnLinux('is not what a disk of this host is', async () => {
    for (const type of [0xef53, 0x01021994, 0x794c7630, 0x58465342, 0x9123683e]) {
      const store = await openOn(type, false);
      expect(store.watch).toBeDefined();
      await store.close();
    }
  });
});

describe('a file: URL', () => {
  it('names the folder and the key, and opens the same cache', async () => {
    const folder = join(home, 'with space & ünïcode');
    const url = `${pathToFileURL(folder).href}?key=shop`;
    const read = readCacheUrl(url);
    if (read.kind !== 'shared') throw new Error('is not shared');
    const [byUrl, byCode] = [
      await read.open(settings),
      await fileCache(folder, { key: 'shop' }).open(settings),
    ];
    const revision = await lead(byUrl, 'a', recordOf('one'));
    expect((await byCode.readHead())?.revision).toBe(revision);
    expect([byUrl.key, byUrl.description]).toEqual(['shop', `the folder ${folder}`]);
    await Promise.all([byUrl.close(), byCode.close()]);
  });

  it.each([
    ['file:flags', /three slashes/],
    ['file:', /three slashes/],
    ['file://', /three slashes/],
    ['file:///', /three slashes/],
    ['file:///?key=a', /three slashes/],
    ['file://var/lib/flags', /three slashes/],
    ['file:/var/lib/flags', /three slashes/],
    ['file:///a%2Fb', /three slashes/],
    ['file:///a%zz', /three slashes/],
    ['file:///a?kye=b', /does not exist: kye\. It may have: key, onNetworkFolder/],
    ['file:///a?key=b c', /option key/],
    ['file:///a?onNetworkFolder=yes', /'refuse' or 'best-effort'/],
  ])('%s is a mistake, told at once', async (url, message) => {
    expect(() => readCacheUrl(url)).toThrow(message);
    const provider = createPostHogCacheProvider(url, { projectApiKey: 'phc_x' });
    await expect(provider).rejects.toThrow(message);
  });

  it('may have its scheme in capitals', () => {
    expect(readCacheUrl(`FILE://${home}`)).toMatchObject({ kind: 'shared' });
  });
});
