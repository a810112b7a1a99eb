import { GuestExit } from '../fault.ts';
import type { HostInterface, WitResult } from './host-function.ts';
import { InputStream, OutputStream } from './streams.ts';

/** What a guest has of a command line. */
export interface CommandLineSetup {
  /** Variables by their names. */
  readonly environment: Readonly<Record<string, string>>;
  readonly out: (bytes: Uint8Array) => void;
  readonly err: (bytes: Uint8Array) => void;
}

const none = (): undefined => undefined;

/** `wasi:cli`: variables as granted, an empty input, output by lines, and no terminal. */
export function commandLine({ environment, out, err }: CommandLineSetup): Readonly<Record<string, HostInterface>> {
  const sink = (write: (bytes: Uint8Array) => void) => () => new OutputStream(write);
  return {
    'wasi:cli/environment': {
      'get-environment': () => Object.entries(environment),
      'get-arguments': () => [],
      'initial-cwd': none,
    },
    'wasi:cli/exit': {
      exit: ({ tag }: WitResult) => leave(tag === 'ok' ? 0 : 1),
      'exit-with-code': leave,
    },
    'wasi:cli/stdin': { 'get-stdin': () => new InputStream(none) },
    'wasi:cli/stdout': { 'get-stdout': sink(out) },
    'wasi:cli/stderr': { 'get-stderr': sink(err) },
    'wasi:cli/terminal-stdin': { 'get-terminal-stdin': none },
    'wasi:cli/terminal-stdout': { 'get-terminal-stdout': none },
    'wasi:cli/terminal-stderr': { 'get-terminal-stderr': none },
  };
}

function leave(exitCode: number): never {
  throw new GuestExit(exitCode);
}
