import { type CompiledComponent, type LinkedServer, linkServer } from '@lockgate/abi';
import { ComponentWasi } from '../component/component-wasi.ts';
import type { WitResult } from '../component/host-function.ts';
import { HostMemory } from '../component/host-memory.ts';
import type { SendHttp } from '../component/http/future-response.ts';
import { KeyValueStores } from '../component/key-value.ts';
import { InputStream, OutputStream, StreamError } from '../component/streams.ts';
import type { Pipe, Program, ProgramSetup } from './program.ts';

/** What passes at once, in bytes: no message of a server is larger. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * What may be written at once, in bytes: Python's output takes what could not be written for written, so that the rest of a line was lost, and nobody ever had an answer. Nothing is kept of it:
 * writing lasts until it is taken.
 */
const WRITE_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/** A component that exports `wasi:cli/run`. Whatever it waits for, its thread sleeps on its input's ring. */
export function componentProgram(component: CompiledComponent, setup: ProgramSetup, http: SendHttp): Program {
  const { args, env, storage, hasKeyValue, memoryCeilingBytes, rings, waiting } = setup;
  const { stdin } = rings;
  let seen = stdin.turn;
  const stderr = outputStream('stderr', setup);
  const wasi = new ComponentWasi({
    console: {
      stdin: () => inputStream(setup),
      stdout: () => outputStream('stdout', setup),
      stderr: () => stderr,
    },
    args,
    grants: { storage, env },
    mostBytes: MOST_BYTES,
    memory: new HostMemory(memoryCeilingBytes),
    keyValue: hasKeyValue ? new KeyValueStores() : undefined,
    http,
    say: (line) => void stderr.write(encoder.encode(`${line}\n`)),
    sleep: (ms) => {
      waiting(() => stdin.awaitTurn(seen, ms));
      // Before anything is looked at again: what comes after that ends the next sleep.
      seen = stdin.turn;
    },
  });
  const host = wasi.host(env);
  let linked: LinkedServer | undefined;
  return {
    link: () => {
      linked = linkServer(component, { host, mostBytes: MOST_BYTES });
      const { enter } = linked;
      return () => ((enter([]) as WitResult).tag === 'ok' ? 0 : 1);
    },
    get memoryBytes() {
      return linked?.memoryBytes ?? 0;
    },
    close: () => host.close?.(),
  };
}

function inputStream({ rings: { stdin }, tell }: ProgramSetup): InputStream {
  return new InputStream(
    (most) => {
      const bytes = new Uint8Array(Math.min(most, stdin.readable));
      const count = stdin.read(bytes);
      if (count > 0) tell('stdin');
      // In this order: what was written before the end is there by then.
      return count === 0 && stdin.isEnded && stdin.readable === 0 ? undefined : bytes;
    },
    () => stdin.readable > 0 || stdin.isEnded,
  );
}

/** Writing blocks the guest's thread as long as nobody takes what it wrote before. */
function outputStream(pipe: Exclude<Pipe, 'stdin'>, { rings, waiting, tell }: ProgramSetup): OutputStream {
  const ring = rings[pipe];
  const write = (bytes: Uint8Array): void => {
    let rest = bytes;
    while (rest.length > 0) {
      if (ring.isRefused) throw new StreamError('nobody reads it any more');
      const count = ring.write(rest);
      rest = rest.subarray(count);
      if (count > 0) tell(pipe);
      else waiting(() => ring.waitToWrite());
    }
  };
  return new OutputStream(write, undefined, WRITE_BYTES);
}
