import { parentPort, workerData } from 'node:worker_threads';
import { connectWasi, FdFlag, type WasiFile } from '@lockgate/abi';
import { faultOf, GuestExit } from '../fault.ts';
import { NodeDirectory } from '../host/wasi/node-directory.ts';
import { nodeSystem } from '../host/wasi/node-system.ts';
import { threadNumber } from '../isolate/thread-number.ts';
import { ByteRing } from './byte-ring.ts';
import { type CommandMessage, type CommandSetup, ControlWord } from './command-setup.ts';
import { inputFile } from './input-file.ts';
import { outputFile } from './output-file.ts';
import { waitingIn } from './waiting.ts';

const PAGE_BYTES = 65_536;

/** Go's linker leaves this section in every module; nothing else does. */
const GO_SECTION = 'go:buildid';

const { module, args, env, storage, ...shared } = workerData as CommandSetup;
const control = new Int32Array(shared.control);
const rings = {
  stdin: new ByteRing(shared.stdin),
  stdout: new ByteRing(shared.stdout),
  stderr: new ByteRing(shared.stderr),
};
const waiting = waitingIn(control);

function post(message: CommandMessage): void {
  parentPort?.postMessage(message);
}

function telling(pipe: 'stdin' | 'stdout' | 'stderr'): () => void {
  return () => {
    if (rings[pipe].ring()) post(pipe);
  };
}

// A Go program has one thread: a read that blocked it would keep what it has read from being answered. It asks whether its input blocks, and
// waits for it beside everything else where that does not.
const isGo = WebAssembly.Module.customSections(module, GO_SECTION).length > 0;

const input = inputFile({
  ring: rings.stdin,
  waiting,
  flags: isGo ? FdFlag.nonBlocking : 0,
  onRoom: telling('stdin'),
});

const system = nodeSystem({
  args,
  env,
  files: [
    input,
    outputFile({ ring: rings.stdout, waiting, onData: telling('stdout') }),
    outputFile({ ring: rings.stderr, waiting, onData: telling('stderr') }),
    ...storage.map(({ path, writable }) => NodeDirectory.granted(path, writable)),
  ],
  wait: (timeoutMs, files: readonly WasiFile[]) => waiting(() => rest(timeoutMs, files.includes(input))),
});

function rest(timeoutMs: number | undefined, forInput: boolean): void {
  noteMemory();
  if (forInput) rings.stdin.waitToRead(timeoutMs);
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
}

let exported: WebAssembly.Memory | undefined;

function noteMemory(): void {
  Atomics.store(control, ControlWord.memoryPages, (exported?.buffer.byteLength ?? 0) / PAGE_BYTES);
}

function run(): CommandMessage {
  const wasi = connectWasi(system);
  try {
    Atomics.store(control, ControlWord.threadNumber, threadNumber());
    Atomics.store(control, ControlWord.isWaiting, 0);
    const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.imports });
    exported = exports.memory as WebAssembly.Memory;
    wasi.attach(exports);
    (exports._start as () => void)();
    return { exitCode: 0 };
  } catch (error) {
    if (error instanceof GuestExit) return { exitCode: error.exitCode };
    const { message, stack } = faultOf(error);
    return { trap: message, stack };
  } finally {
    wasi.close();
  }
}

post(run());
