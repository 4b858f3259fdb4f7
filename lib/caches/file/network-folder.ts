/**
 * Whether a folder is on another machine. There a name that was just made may not be seen by the
 * others for a while, and the clocks of its users differ: what holds on one host does not hold.
 * Linux tells the kind of a file system by a number; elsewhere nothing is detected.
 */
import type { FileIo } from './file-io.js';

const kinds: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'SMB (CIFS)'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x786f4256, 'a shared folder of VirtualBox'],
  [0xbacbacbc, 'a shared folder of VMware'],
]);

/** The kind of network file system on which this folder is; undefined when it is on none. */
export async function networkKindOf(folder: string, io: FileIo): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { type } = await io.statfs(folder);
  // The number has 32 bits, and comes with a sign where the system's word has no more.
  return kinds.get(type >>> 0);
}
