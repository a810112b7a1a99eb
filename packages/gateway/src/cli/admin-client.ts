import { access } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { DEFAULT_FILES, loadConfigFile } from '../config/load.ts';
import { expandVariables } from '../config/variables.ts';
import {
  adminSocketPath,
  mustBeOwnFolder,
  mustBeTrustedSocket,
  reachableSocketPath,
} from '../console/admin-socket-path.ts';
import type { ApiError } from '../console/api.ts';
import { parseJson } from '../json.ts';
import { request as httpRequest } from '../node-http.ts';
import { quoted } from '../quoted.ts';
import { configFlag } from './config-flag.ts';
import { commandSetting } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What a socket says behind which nobody listens. */
const NOBODY: readonly unknown[] = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'];

/** What it says where the gateway ends while it is asked. */
const ENDED: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'];

/** Adds the flags that say which gateway is meant. */
export function addGatewayOptions(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      `the gateway's configuration (default: ${DEFAULT_FILES[0]} and the like in this folder)`,
    )
    .option('--socket <file>', 'its admin socket, where "gateway.adminSocket" gives it another place than the default');
}

/** Asks a gateway that runs, over its admin socket. */
export class AdminClient {
  readonly path: string;
  /** What says on a command line which gateway is meant, with a space before it; empty where it is the one of this folder. */
  readonly flags: string;
  readonly #source: string;
  /** Whether the file says that there is no socket, as a gateway that runs since before may not know. */
  readonly #isOff: boolean;

  private constructor(path: string, source: string, flags: string, isOff = false) {
    this.path = path;
    this.flags = flags;
    this.#source = source;
    this.#isOff = isOff;
  }

  /** @throws CommandFailure where no gateway is named, and none lies in the folder. */
  static async find(options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<AdminClient> {
    const { workingFolder, environment } = terminal;
    const at = (folder: string, path: string): string => reachableSocketPath(resolve(folder, path), environment);
    const named = options.socket as string | undefined;
    if (named !== undefined) return new AdminClient(at(workingFolder, named), named, ` --socket ${quoted(named)}`);
    const config = await commandSetting('config', options, terminal);
    const candidates = config === undefined ? DEFAULT_FILES : [config];
    const flags = configFlag(options.config, workingFolder);
    for (const candidate of candidates) {
      const path = resolve(workingFolder, candidate);
      if (config === undefined && !(await isThere(path))) continue;
      const fromEnvironment = await commandSetting('admin-socket', {}, terminal);
      if (fromEnvironment !== undefined) return new AdminClient(at(workingFolder, fromEnvironment), path, flags);
      const inFile = await socketInFile(path, environment);
      const socket = inFile ? at(dirname(path), inFile) : adminSocketPath(path, environment);
      return new AdminClient(socket, path, flags, inFile === false);
    }
    throw new CommandFailure(
      `which gateway? There is no ${DEFAULT_FILES.join(', ')} in ${workingFolder}; name its configuration with --config <file>`,
      EXIT.usage,
    );
  }

  /**
   * Asks for JSON.
   *
   * @throws CommandFailure where no gateway answers, or it refuses; `onRefused` decides on that where it is given.
   */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body);
    if (response.statusCode !== 200) throw await this.#refusal(response);
    return parseJson(await this.#read(response)) as T;
  }

  /** A stream of events, which ends when the gateway does. @throws CommandFailure */
  async stream(path: string, lastEventId: string | undefined): Promise<IncomingMessage> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await this.#send('GET', path, undefined, headers);
    if (response.statusCode !== 200) throw await this.#refusal(response);
    return response;
  }

  async #refusal(response: IncomingMessage): Promise<CommandFailure> {
    const value = parseJson(await this.#read(response)) as Partial<ApiError> | undefined;
    const { message = `it answered with status ${response.statusCode}`, remedy } = value?.error ?? {};
    return new CommandFailure(remedy === undefined ? message : `${message}. ${remedy}`);
  }

  async #read(response: IncomingMessage): Promise<string> {
    try {
      return await readAll(response);
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException);
    }
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const { promise, resolve: done, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    try {
      mustBeOwnFolder(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw this.#nobody();
      throw new CommandFailure((error as Error).message);
    }
    try {
      mustBeTrustedSocket(this.path);
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException);
    }
    const request = httpRequest(
      { socketPath: this.path, path: `/console/api/${path}`, method, headers: { ...type, ...headers } },
      done,
    );
    request.once('error', reject);
    request.end(text);
    try {
      return await promise;
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException);
    }
  }

  #unreachable({ code, message }: NodeJS.ErrnoException): CommandFailure {
    if (NOBODY.includes(code)) return this.#nobody();
    if (ENDED.includes(code)) return new NotRunning(`the gateway of ${this.#source} ended before it had answered`);
    const why = code === 'EACCES' ? 'it belongs to another user' : message;
    return new CommandFailure(`the gateway's admin socket ${this.path} cannot be used: ${why}`);
  }

  #nobody(): NotRunning {
    if (this.#isOff)
      return new NotRunning(
        `no gateway with ${this.#source} can be asked: it says "adminSocket": false; take that out, or name the socket of one that was started otherwise with --socket <file>`,
      );
    return new NotRunning(
      `no gateway runs with ${this.#source} (nobody listens at ${this.path}); start one with: lockgate serve --config ${this.#source}`,
    );
  }
}

/** No gateway answers. */
export class NotRunning extends CommandFailure {}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * What the file says of its socket, if it can be read: the gateway runs whatever has become of its file since.
 *
 * @throws CommandFailure where that is in a variable which is not known here.
 */
async function socketInFile(path: string, environment: Terminal['environment']): Promise<string | false | undefined> {
  const given = await loadConfigFile(path).then(
    ({ tree }) => (tree as { gateway?: { adminSocket?: unknown } } | null)?.gateway?.adminSocket,
    () => undefined,
  );
  if (given === false || typeof given !== 'string') return given === false ? false : undefined;
  const { value, problems } = expandVariables(given, environment, dirname(path));
  if (problems.length > 0)
    throw new CommandFailure(
      `"gateway.adminSocket" of ${path} is "${given}", with a variable that is not set here; set it, or name the socket with --socket <file>`,
      EXIT.usage,
    );
  return value as string;
}
