/** Certificates for a test, made by the openssl of this machine: an authority, and what it signs. */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as needed from '../setup/needed-programs.mjs';
import { serverUser } from '../setup/postgres.mjs';
import { requireProgram } from '../setup/programs.mjs';

const run = promisify(execFile);
const DAYS = '2';

export class TlsCertificates {
  private constructor(
    private readonly openssl: string,
    private readonly folder: string,
  ) {}

  static async make(): Promise<TlsCertificates> {
    const openssl = await requireProgram(needed.openssl);
    const made = new TlsCertificates(openssl, mkdtempSync(join(tmpdir(), 'flags-tls-')));
    for (const name of ['authority', 'stranger']) await made.makeAuthority(name);
    await made.makeServer();
    const user = serverUser();
    const served = [made.folder, made.serverKey, made.serverCertificate];
    for (const path of served) if (user !== undefined) chownSync(path, user.uid, user.gid);
    return made;
  }

  /** Who has signed the server's. */
  get authority(): string {
    return join(this.folder, 'authority.pem');
  }

  /** Who has signed nothing. */
  get stranger(): string {
    return join(this.folder, 'stranger.pem');
  }

  /** For the name `localhost`, and for no address. */
  get serverCertificate(): string {
    return join(this.folder, 'server.pem');
  }

  get serverKey(): string {
    return join(this.folder, 'server.key');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async makeAuthority(name: string): Promise<void> {
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.pem`)];
    await this.ask(['req', '-x509', ...newKey, ...files, '-subj', `/CN=${name}`, '-days', DAYS]);
  }

  private async makeServer(): Promise<void> {
    const [request, extensions] = [this.file('server.csr'), this.file('server.ext')];
    writeFileSync(extensions, 'subjectAltName=DNS:localhost\n');
    await this.ask(['req', ...newKey, '-keyout', this.serverKey, '-out', request, '-subj', '/CN=localhost']); // prettier-ignore
    const signer = ['-CA', this.authority, '-CAkey', this.file('authority.key'), '-CAcreateserial'];
    const made = ['-in', request, '-out', this.serverCertificate, '-extfile', extensions];
    await this.ask(['x509', '-req', ...signer, ...made, '-days', DAYS]);
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private async ask(args: readonly string[]): Promise<void> {
    await run(this.openssl, args);
  }
}

const newKey = ['-newkey', 'rsa:2048', '-nodes'] as const;
