import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FolderVault } from '../../src/login/folder-vault.ts';
import { type KeyRing, newKey, readKeyRing } from '../../src/login/key-ring.ts';
import { MemoryVault } from '../../src/login/memory-vault.ts';
import { openVault } from '../../src/login/open-vault.ts';
import { open, seal } from '../../src/login/sealing.ts';
import { type CredentialRecord, credentialRecords } from '../../src/state/credential-record.ts';

const SECRET = 'a-very-secret-token';
const credential = (accessToken: string): CredentialRecord => ({
  url: 'http://server/mcp',
  issuer: 'http://issuer',
  clientId: 'me',
  accessToken,
  askedScopes: ['read'],
  obtainedAt: 1,
  loggedInAt: 1,
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lockgate-vault-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const ringOf = (...keys: string[]): KeyRing => readKeyRing(keys.join('\n'), 'the test');

async function openFolder(dir: string, ring = ringOf(newKey())): Promise<FolderVault> {
  return new FolderVault({ dir: join(dir, 'vault'), keys: async () => ring, now: Date.now });
}

const put = (vault: FolderVault | MemoryVault, key: string[], value: CredentialRecord) =>
  vault.exclusive(credentialRecords, key, (slot) => slot.write(value));

describe.each(['memory', 'folder'])('a vault in %s', (kind) => {
  const make = async () => (kind === 'memory' ? new MemoryVault() : openFolder(await folder()));

  test('gives back what was put, under its own key alone, and lists it', async () => {
    const vault = await make();
    await put(vault, ['one', 'alice'], credential(SECRET));
    await put(vault, ['on', 'ealice'], credential('other'));
    expect(await vault.get(credentialRecords, ['one', 'alice'])).toMatchObject({ accessToken: SECRET });
    expect(await vault.get(credentialRecords, ['one', 'bob'])).toBeUndefined();
    expect([...(await vault.keys(credentialRecords))].sort()).toEqual([
      ['on', 'ealice'],
      ['one', 'alice'],
    ]);
    await vault.exclusive(credentialRecords, ['one', 'alice'], (slot) => slot.delete());
    expect(await vault.get(credentialRecords, ['one', 'alice'])).toBeUndefined();
  });

  test('lets one change a record at a time, also where the one before fails', async () => {
    const vault = await make();
    const trace: string[] = [];
    const step = (name: string, fails: boolean) =>
      vault.exclusive(credentialRecords, ['one', 'alice'], async (slot) => {
        trace.push(`${name} begins`);
        await slot.read();
        await slot.write(credential(name));
        trace.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    await Promise.allSettled([step('a', false), step('b', true), step('c', false)]);
    expect(trace).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});

describe('the folder of a vault', () => {
  test('holds nothing in the open, in files of its owner alone, and nothing that is left over', async () => {
    const dir = await folder();
    await put(await openFolder(dir), ['one', 'alice'], credential(SECRET));
    const names = await readdir(join(dir, 'vault'));
    expect(names).toHaveLength(1);
    const path = join(dir, 'vault', names[0] as string);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'vault'))).mode & 0o777).toBe(0o700);
    const text = await readFile(path, 'utf8');
    for (const form of [SECRET, Buffer.from(SECRET).toString('base64').slice(0, 20)]) expect(text).not.toContain(form);
  });

  test("does not give one holder another's login where somebody has swapped their files", async () => {
    const dir = await folder();
    const said: string[][] = [];
    const ring = ringOf(newKey());
    const onSpoilt = (path: string, reason: string): void => void said.push([path, reason]);
    const vault = new FolderVault({ dir: join(dir, 'vault'), keys: async () => ring, now: Date.now, onSpoilt });
    await put(vault, ['one', 'alice'], credential('of alice'));
    await put(vault, ['one', 'bob'], credential('of bob'));
    const [first, second] = (await readdir(join(dir, 'vault'))).map((name) => join(dir, 'vault', name)) as [
      string,
      string,
    ];
    await rename(first, `${first}.aside`);
    await rename(second, first);
    await rename(`${first}.aside`, second);
    for (const holder of ['alice', 'bob']) {
      expect(await vault.get(credentialRecords, ['one', holder])).toBeUndefined();
    }
    expect(said).toEqual([
      [expect.stringContaining(dir), expect.stringContaining('put it in place of another')],
      [expect.stringContaining(dir), expect.stringContaining('put it in place of another')],
    ]);
    // Nor where the file says whose it is: that is in the open.
    const lying = JSON.parse(await readFile(first, 'utf8'));
    lying.record = lying.record[2] === 'alice' ? ['credential', 'one', 'bob'] : ['credential', 'one', 'alice'];
    await writeFile(first, JSON.stringify(lying));
    for (const holder of ['alice', 'bob']) {
      expect(await vault.get(credentialRecords, ['one', holder])).toBeUndefined();
    }
    expect(said).toHaveLength(2);
  });

  test.each([
    ['was cut', (text: string) => text.slice(0, 100)],
    ['is empty', () => ''],
    ['lost its tag', (text: string) => text.replace(/"tag":"[^"]*"/, '"tag":""')],
  ])('counts a record as none whose file %s, so that its holder can log in again', async (_, spoil) => {
    const dir = await folder();
    const vault = await openFolder(dir);
    await put(vault, ['one', 'alice'], credential('first'));
    const [name] = await readdir(join(dir, 'vault'));
    const path = join(dir, 'vault', name as string);
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    expect(await vault.get(credentialRecords, ['one', 'alice'])).toBeUndefined();
    await put(vault, ['one', 'alice'], credential('second'));
    expect(await vault.get(credentialRecords, ['one', 'alice'])).toMatchObject({ accessToken: 'second' });
  });

  test('leaves alone what another version has written', async () => {
    const dir = await folder();
    const vault = await openFolder(dir);
    await put(vault, ['one', 'alice'], credential('first'));
    const [name] = await readdir(join(dir, 'vault'));
    await writeFile(join(dir, 'vault', name as string), '{"version":2}');
    await expect(vault.get(credentialRecords, ['one', 'alice'])).rejects.toThrow('another version');
  });

  test('refuses a file that was cut or changed in any byte of what is sealed', async () => {
    const name = '["credential","one","alice"]';
    const ring = ringOf(newKey());
    const sealed = seal(SECRET, name, ring);
    expect(open(sealed, name, ring)).toBe(SECRET);
    fc.assert(
      fc.property(fc.constantFrom('nonce', 'tag', 'data'), fc.nat(), (part, at) => {
        const bytes = Buffer.from(sealed[part as 'data'], 'base64');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] as number) ^ 1;
        expect(() => open({ ...sealed, [part]: bytes.toString('base64') }, name, ring)).toThrow(
          'it is not used'.slice(0, 2),
        );
      }),
      { numRuns: 50 },
    );
    expect(() => open({ ...sealed, tag: sealed.tag.slice(0, 8) }, name, ring)).toThrow();
    expect(seal(SECRET, name, ring).nonce).not.toBe(sealed.nonce);
  });

  test('is sealed anew with the first key, and needs the one before no longer', async () => {
    const dir = await folder();
    const [before, after] = [newKey(), newKey()];
    await put(await openFolder(dir, ringOf(before)), ['one', 'alice'], credential(SECRET));
    const rotating = await openFolder(dir, ringOf(after, before));
    expect(await rotating.get(credentialRecords, ['one', 'alice'])).toMatchObject({ accessToken: SECRET });
    expect(await rotating.reseal()).toEqual({ sealed: 1, unreadable: 0 });
    expect(await (await openFolder(dir, ringOf(after))).get(credentialRecords, ['one', 'alice'])).toMatchObject({
      accessToken: SECRET,
    });
    const stranger = await openFolder(dir, ringOf(newKey()));
    await expect(stranger.get(credentialRecords, ['one', 'alice'])).rejects.toThrow(
      /sealed with the key [0-9a-f]{16}, which is not among/,
    );
  });

  test('takes the turn of a process that has ended, and not of one that lives', async () => {
    const dir = await folder();
    const vault = await openFolder(dir);
    await put(vault, ['one', 'alice'], credential('first'));
    const [name] = await readdir(join(dir, 'vault'));
    const { hostname } = await import('node:os');
    // No process has this number: it is above what the system gives.
    await writeFile(
      join(dir, 'vault', `${name}.lock`),
      JSON.stringify({ process: 2 ** 30, host: hostname(), turn: 'x' }),
    );
    await put(vault, ['one', 'alice'], credential('second'));
    expect(await vault.get(credentialRecords, ['one', 'alice'])).toMatchObject({ accessToken: 'second' });
    let clock = Date.now();
    const lived = JSON.stringify({ process: process.pid, host: hostname(), turn: 'another' });
    await writeFile(join(dir, 'vault', `${name}.lock`), lived);
    const waiting = new FolderVault({
      dir: join(dir, 'vault'),
      keys: async () => ringOf(newKey()),
      now: () => (clock += 9_000),
    });
    await expect(put(waiting, ['one', 'alice'], credential('third'))).rejects.toThrow('Another process has had');
    expect(await readFile(join(dir, 'vault', `${name}.lock`), 'utf8')).toBe(lived);
  });
});

describe('the key of a vault', () => {
  test.each([
    ['', 'holds no key'],
    ['short', 'is to be 32 bytes in Base64'],
    [`${newKey()}!`, 'no Base64'],
    [Buffer.alloc(16).toString('base64'), 'and is 16 bytes'],
  ])('that is %j is refused without being told', (text, words) => {
    expect(() => readKeyRing(text, '"gateway.vault.key"')).toThrow(words);
    if (text.length > 20) expect(() => readKeyRing(text, 'x')).not.toThrow(text);
  });

  test('that others may read is refused, and without one nothing is written', async () => {
    const dir = await folder();
    const keyFile = join(dir, 'key');
    const section = { dir: join(dir, 'vault'), keyFile };
    expect(await openVault(section, Date.now)).toBeInstanceOf(MemoryVault);
    await writeFile(keyFile, newKey(), { mode: 0o600 });
    expect(await openVault(section, Date.now)).toBeInstanceOf(FolderVault);
    expect(await readdir(dir)).toEqual(['key']);
  });

  test('that has gone is missed while there are logins, and they are not taken for none', async () => {
    const dir = await folder();
    const keyFile = join(dir, 'key');
    await put(await openFolder(dir), ['one', 'alice'], credential(SECRET));
    await expect(openVault({ dir: join(dir, 'vault'), keyFile }, Date.now)).rejects.toThrow(
      `the file of their keys is not there: ${keyFile}`,
    );
  });
});
