import { GuestExit } from '../fault.ts';
import type { HostInterface, WitResult } from './host-function.ts';
import type { InputStream, OutputStream } from './streams.ts';

/** Where a guest's standard input comes from, and its output goes. */
export interface Console {
  stdin(): InputStream;
  stdout(): OutputStream;
  stderr(): OutputStream;
}

/** What a guest has of a command line. */
export interface CommandLineSetup {
  readonly args: readonly string[];
  /** Variables by their names. */
  readonly environment: Readonly<Record<string, string>>;
  readonly console: Console;
}

const none = (): undefined => undefined;

/** `wasi:cli`: arguments and variables as granted, and no terminal. */
export function commandLine({ args, environment, console }: CommandLineSetup): Readonly<Record<string, HostInterface>> {
  return {
    'wasi:cli/environment': {
      'get-environment': () => Object.entries(environment),
      'get-arguments': () => args,
      'initial-cwd': none,
    },
    'wasi:cli/exit': {
      exit: ({ tag }: WitResult) => leave(tag === 'ok' ? 0 : 1),
      'exit-with-code': leave,
    },
    'wasi:cli/stdin': { 'get-stdin': () => console.stdin() },
    'wasi:cli/stdout': { 'get-stdout': () => console.stdout() },
    'wasi:cli/stderr': { 'get-stderr': () => console.stderr() },
    'wasi:cli/terminal-stdin': { 'get-terminal-stdin': none },
    'wasi:cli/terminal-stdout': { 'get-terminal-stdout': none },
    'wasi:cli/terminal-stderr': { 'get-terminal-stderr': none },
  };
}

function leave(exitCode: number): never {
  throw new GuestExit(exitCode);
}
