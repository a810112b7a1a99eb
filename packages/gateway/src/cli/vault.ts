import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { StateSection } from '../config/state-section.ts';
import { silentLogger } from '../logger.ts';
import { newKey, readKeyRing } from '../login/key-ring.ts';
import { openFolderVault, type VaultPlace } from '../login/open-vault.ts';
import { SharedVault } from '../login/shared-vault.ts';
import { makeFolder } from '../make-folder.ts';
import { secretKeys } from '../secret-keys.ts';
import type { StateStore } from '../state/state-store.ts';
import { addConfigOptions, openConfigIfAny } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { resolvingWithoutSecrets } from './resolve-without-secrets.ts';
import type { Terminal } from './terminal.ts';

/** Which server needs which secret is nothing to a command that looks at keys. */
const NEEDED = resolvingWithoutSecrets('vault', 'state');

const HEAD =
  '# Keys that seal the logins of Lockgate: the first seals, all of them open. Keep it secret; without it the logins are lost.\n';

/** `lockgate vault`. */
export function addVaultCommand(program: Command, terminal: Terminal): void {
  const vault = program
    .command('vault')
    .description('keep logins to servers beyond the end of the gateway')
    .addHelpText('after', '\nExample:\n  lockgate vault init\n');
  addConfigOptions(vault.command('init'))
    .description('make the key that seals logins, where there is none')
    .addHelpText(
      'after',
      `\nExit codes: 0 made, or there already, 1 it cannot be written, 2 wrong command line.\n\nExample:\n  lockgate vault init\n`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { config, flag } = await openConfigIfAny(options, terminal, NEEDED);
      await init({ ...config.gateway.vault, flag }, terminal);
    });
  addConfigOptions(vault.command('rotate'))
    .description('make a new key and seal every login with it; gateways that run go on')
    .addHelpText(
      'after',
      `
With the key in a file a new one is made and put before it, and the one before stays behind it until the next rotation. With the key in "gateway.vault.key" write
the new one before the old yourself, and rotate: every login is sealed with the first.

Exit codes: 0 all sealed anew, 1 some could not be, 2 wrong command line.

Example:
  lockgate vault rotate
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { config, flag } = await openConfigIfAny(options, terminal, NEEDED);
      await rotate({ ...config.gateway.vault, flag }, config.gateway.state, terminal);
    });
}

async function init({ keyFile, dir, flag }: VaultPlace, terminal: Terminal): Promise<void> {
  if (keyFile === undefined)
    throw new CommandFailure('the key is given in "gateway.vault.key"; there is no file to make', EXIT.usage);
  const text = await textOf(keyFile);
  // A line that is no key is somebody's mistake, and might be a key once: it is told, and stays.
  if (text !== undefined && secretKeys(text).length > 0) {
    readKeyRing(text, keyFile, flag);
    terminal.stdout.write(`${keyFile} is there already.\n`);
    return;
  }
  await write(keyFile, [newKey()]);
  terminal.stdout.write(`Made ${keyFile}. Logins are kept from the next start of a gateway on, in ${dir}.\n`);
}

/** At each moment between two steps every login opens with a key that is in the file. */
async function rotate(section: VaultPlace, state: StateSection | undefined, terminal: Terminal): Promise<void> {
  const { keyFile, flag = '' } = section;
  // Before anything is written: what other gateways find is sealed anew as well, or nothing is.
  await using store = state && (await openShared(state));
  if (keyFile !== undefined) {
    const text = await textOf(keyFile);
    if (text === undefined) throw new CommandFailure(`there is no ${keyFile}; "lockgate vault init${flag}" makes it`);
    const ring = readKeyRing(text, keyFile, flag);
    await write(keyFile, [newKey(), ...ring.map(({ bytes }) => bytes.toString('base64'))]);
  }
  const folder = await openFolderVault(section, Date.now);
  const vault = folder && store ? new SharedVault({ folder, store, now: Date.now }) : folder;
  const { sealed, unreadable } = (await vault?.reseal()) ?? { sealed: 0, unreadable: 0 };
  terminal.stdout.write(`Sealed ${sealed} records with the first key.\n`);
  if (unreadable > 0) {
    throw new CommandFailure(
      `${unreadable} could not be opened and stay as they are; the keys before stay in place as well`,
    );
  }
  if (keyFile === undefined) return;
  // A gateway may have read the file just before it was written, and seal one more with the key before.
  const [first, second] = readKeyRing(await readFile(keyFile, 'utf8'), keyFile);
  await write(
    keyFile,
    [first, second].flatMap((key) => (key ? [key.bytes.toString('base64')] : [])),
  );
}

async function openShared({ redis }: StateSection): Promise<StateStore> {
  const { openRedisStore } = await import('../state/redis/open-redis-store.ts');
  return openRedisStore(redis, silentLogger);
}

async function write(path: string, keys: readonly string[]): Promise<void> {
  makeFolder(dirname(path));
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${HEAD}${keys.join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Undefined where there is no file. */
function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
