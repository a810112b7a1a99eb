import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { configured, gateway, type RunSetUp } from './run-set-up.ts';

async function makeOpenFolder(path: string): Promise<undefined> {
  await mkdir(path);
  await chmod(path, 0o777);
}

async function close(path: string, mode: number): Promise<undefined> {
  await chmod(path, mode);
}

/** What the gateway keeps in files, or reads keys from: each is examined alone. */
export const KEPT_FILES: readonly RunSetUp[] = [
  {
    what: 'a log folder that is a file',
    files: { ...configured({ gateway: { ...gateway, logDir: 'logs' } }), logs: '' },
    check: 'folders',
    cause: 'is no folder',
    remedy: 'choose another folder',
  },
  {
    what: 'a log folder that everybody may write to',
    files: configured({ gateway: { ...gateway, logDir: 'logs' } }),
    prepare: (folder) => makeOpenFolder(join(folder, 'logs')),
    check: 'folders',
    status: 'warning',
    cause: 'can be written to by everybody on this machine',
    remedy: 'chmod go-w',
  },
  {
    what: 'a file of keys of the audit log that is not there',
    files: configured({ gateway: { ...gateway, audit: { keyFile: 'audit.key' } } }),
    check: 'keys',
    cause: 'cannot be read (ENOENT)',
    remedy: 'openssl rand -base64 32',
  },
  {
    what: 'a file of keys of the audit log that holds none',
    files: {
      ...configured({ gateway: { ...gateway, audit: { keyFile: 'audit.key' } } }),
      'audit.key': 'do.not.show.me',
    },
    prepare: (folder) => close(join(folder, 'audit.key'), 0o600),
    check: 'keys',
    cause: 'is to be 32 bytes in Base64',
    remedy: 'openssl rand -base64 32',
  },
  {
    what: 'a folder for the file of keys of the audit log',
    files: configured({ gateway: { ...gateway, audit: { keyFile: '.' } } }),
    check: 'keys',
    cause: 'cannot be read (EISDIR)',
    remedy: 'name a file of keys',
  },
  {
    what: "a file of the vault's keys that holds none",
    files: {
      ...configured({ gateway: { ...gateway, vault: { keyFile: 'vault.key' } } }),
      'vault.key': 'do.not.show.me',
    },
    prepare: (folder) => close(join(folder, 'vault.key'), 0o600),
    check: 'keys',
    status: 'warning',
    cause: 'is to be 32 bytes in Base64',
    remedy: 'take it out',
  },
  {
    what: 'a folder of logins that is a file',
    files: { ...configured({ gateway: { ...gateway, vault: { dir: 'logins', keyFile: 'vault.key' } } }), logins: '' },
    check: 'keys',
    status: 'warning',
    cause: 'The folder of logins cannot be read (ENOTDIR)',
    remedy: 'correct "gateway.vault.dir"',
  },
  {
    what: 'a folder of guards that is not there',
    files: configured({ gateway: { ...gateway, wasmGuardsDir: 'guards' } }),
    check: 'folders',
    cause: 'is not there',
    remedy: 'put guards in it',
  },
  {
    what: 'a cache that everybody may write to',
    files: {
      ...configured({ gateway: { ...gateway, wasmCacheDir: 'cache' }, plugins: { echo: { path: 'echo.wasm' } } }),
      'echo.wasm': echoGuest(),
    },
    prepare: (folder) => makeOpenFolder(join(folder, 'cache')),
    check: 'cache',
    status: 'warning',
    cause: 'compiled modules are kept in memory only',
    remedy: '"wasmCacheDir"',
  },
];
