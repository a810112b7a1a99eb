import { createHash } from 'node:crypto';
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Longer paths can be no addresses of sockets. Source: `sun_path` of Linux (108) and macOS (104). */
const MAX_BYTES = 103;

type Environment = Readonly<Record<string, string | undefined>>;

/** A folder of this name is made among everybody's temporary files, where another user may have been quicker. */
const OWN_FOLDER = /[\\/]lockgate-\d+$/;

/**
 * Where the admin socket of a gateway is by default: in the user's folder for such things, else in one of its own for temporary files; named after the
 * configuration, so that its commands find it.
 *
 * @param source - Path of the configuration's file.
 */
export function adminSocketPath(source: string, environment: Environment, platform: string = process.platform): string {
  return defaultPath(realPath(source), environment, platform);
}

/**
 * Where a socket is that was given a path: there, unless that is too long to be an address. Then it is among the default ones, named after the path, for the
 * gateway as for its commands.
 */
export function reachableSocketPath(
  path: string,
  environment: Environment,
  platform: string = process.platform,
): string {
  return platform === 'win32' || fits(path) ? path : defaultPath(path, environment, platform);
}

/** @throws an Error where a path is too long to be the address of a socket: the system says no more than "invalid argument". */
export function mustFitAddress(path: string): void {
  if (process.platform === 'win32' || fits(path)) return;
  throw new Error(`its path has ${Buffer.byteLength(path)} bytes, and addresses of sockets at most ${MAX_BYTES}`);
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_BYTES;
}

function defaultPath(of: string, environment: Environment, platform: string): string {
  const name = createHash('sha256').update(of).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\lockgate-${userInfo().username}-${name}`;
  const runtime = environment.XDG_RUNTIME_DIR;
  const folder = `lockgate-${userId()}`;
  const wanted = runtime ? join(runtime, 'lockgate', `${name}.sock`) : join(tmpdir(), folder, `${name}.sock`);
  return fits(wanted) ? wanted : join('/tmp', folder, `${name}.sock`);
}

/** Whether a file is named as sockets are by default. */
export function hasDefaultName(path: string): boolean {
  return /^[0-9a-f]{16}\.sock$/.test(basename(path));
}

/**
 * Makes sure that the default folder of a socket is its user's own: another user may have made it first, to be asked or told in the gateway's place.
 *
 * @throws an Error that names the folder.
 */
export function mustBeOwnFolder(path: string): void {
  const folder = dirname(path);
  if (process.platform === 'win32' || !OWN_FOLDER.test(folder)) return;
  const found = lstatSync(folder);
  const isOwn = found.isDirectory() && found.uid === userId() && (found.mode & 0o077) === 0;
  if (!isOwn)
    throw new Error(
      `the folder ${folder} is not this user's alone; remove it, or give "gateway.adminSocket" another path`,
    );
}

/**
 * Makes sure that whoever listens at a socket is this user or root: where others may write to its folder, one of them may have put a socket of theirs in its
 * place, to be told logins or to answer with a link of their own. Root may ask gateways of other users, in folders that those have to themselves.
 *
 * @throws an Error that says why not; ENOENT where there is no socket.
 */
export function mustBeTrustedSocket(path: string): void {
  if (process.platform === 'win32') return;
  const me = userId();
  const owners = [lstatSync(path).uid, statSync(path).uid].filter((owner) => owner !== me && owner !== 0);
  if (owners.length === 0) return;
  if (me !== 0) throw new Error('it belongs to another user');
  const folder = statSync(dirname(path));
  const isTheirs = (folder.mode & 0o022) === 0 && [0, ...owners].includes(folder.uid);
  if (!isTheirs) throw new Error(`it belongs to another user, in a folder that others may write to; ask as that user`);
}

/** Not `userInfo()`: it throws for users without a name, such as those that containers run as. */
function userId(): number | undefined {
  return process.geteuid?.();
}

function realPath(source: string): string {
  try {
    return realpathSync(source);
  } catch {
    return source;
  }
}
