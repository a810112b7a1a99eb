import { connectWasi, Errno, FdFlag, type WasiFile } from '@lockgate/abi';
import { NodeDirectory } from '../host/wasi/node-directory.ts';
import { nodeSystem } from '../host/wasi/node-system.ts';
import { inputFile } from './input-file.ts';
import { outputFile } from './output-file.ts';
import type { Program, ProgramSetup } from './program.ts';

/** Go's linker leaves this section in every module; nothing else does. */
const GO_SECTION = 'go:buildid';

/** A command of WASI preview 1. */
export function moduleProgram(
  module: WebAssembly.Module,
  { args, env, storage, rings, waiting, tell }: ProgramSetup,
): Program {
  // A Go program has one thread: a read that blocked it would keep what it has read from being answered. It asks whether its input blocks, and
  // waits for it beside everything else where that does not.
  const isGo = WebAssembly.Module.customSections(module, GO_SECTION).length > 0;
  // While it waits for a signal (`signal.Notify`), which it does by yielding again and again, it never comes to asking: there the read has to block.
  let isPolled = true;
  const input = inputFile({
    ring: rings.stdin,
    waiting,
    flags: isGo ? FdFlag.nonBlocking : 0,
    isPolled: () => isPolled,
    onRoom: () => tell('stdin'),
  });
  let isOver = false;
  const output = (pipe: 'stdout' | 'stderr'): WasiFile =>
    outputFile({ ring: rings[pipe], waiting, onChange: () => tell(pipe), isOver: () => isOver });
  const system = nodeSystem({
    args,
    env,
    files: [input, output('stdout'), output('stderr'), ...storage.map((grant) => NodeDirectory.granted(grant))],
    wait: (timeoutMs, files: readonly WasiFile[]) => {
      isPolled = true;
      waiting(() => rest(timeoutMs, files.includes(input)));
    },
  });
  const rest = (timeoutMs: number | undefined, forInput: boolean): void => {
    if (forInput) rings.stdin.waitToRead(timeoutMs);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
  };
  const wasi = connectWasi(system);
  const schedYield = (): number => {
    if (isGo) isPolled = false;
    return Errno.success;
  };
  let memory: WebAssembly.Memory | undefined;
  return {
    link: () => {
      const { exports } = new WebAssembly.Instance(module, {
        wasi_snapshot_preview1: { ...wasi.imports, sched_yield: schedYield },
      });
      memory = exports.memory as WebAssembly.Memory;
      wasi.attach(exports);
      return () => {
        (exports._start as () => void)();
        return 0;
      };
    },
    get memoryBytes() {
      return memory?.buffer.byteLength ?? 0;
    },
    close: () => {
      isOver = true;
      wasi.close();
    },
  };
}
