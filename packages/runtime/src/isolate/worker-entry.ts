import { parentPort, workerData } from 'node:worker_threads';
import { encodeHttpFailure, LockgateError } from '@lockgate/abi';
import { GuestLog } from '../host/guest-log.ts';
import type { HostBridge } from '../host/imports.ts';
import { Guest } from '../instance/guest.ts';
import { GuestFault } from '../instance/trap.ts';
import type { Answer } from './isolate.ts';
import { MessageBlock } from './message-block.ts';
import { EXPORT_NAMES, Report, Signal, Word, type WorkerMessage, type WorkerSetup } from './protocol.ts';
import { encodeFault } from './wire-fault.ts';

const PAGE_BYTES = 65_536;

const setup = workerData as WorkerSetup;
const control = new Int32Array(setup.control);
const block = new MessageBlock(setup.data);

const post = (message: WorkerMessage): void => parentPort?.postMessage(message);

/** Sleeps until the main thread says what to do. Blocks this thread, which has nothing else to do, without waking up. */
function awaitSignal(): number {
  while (Atomics.load(control, Word.signal) === Signal.wait) Atomics.wait(control, Word.signal, Signal.wait);
  const signal = Atomics.load(control, Word.signal);
  Atomics.store(control, Word.signal, Signal.wait);
  return signal;
}

/** Asks the host and waits for its answer, whose length it gives; undefined where there is none. @throws GuestFault */
function askHost(report: number, byteLength: number, detail: number): number | undefined {
  Atomics.store(control, Word.byteLength, byteLength);
  Atomics.store(control, Word.detail, detail);
  post(report);
  const signal = awaitSignal();
  const answered = Atomics.load(control, Word.byteLength);
  if (signal === Signal.trap) throw new GuestFault(block.readText(0, answered), { isTrap: true });
  return signal === Signal.reply ? answered : undefined;
}

const bridge: HostBridge<'blocks'> = {
  wait: 'blocks',
  http: (request) => {
    const answered = orUndefined(() => askHost(Report.http, block.writeText(request, 'from guest'), 0));
    if (answered === undefined) return encodeHttpFailure('the request or the response is larger than a message may be');
    return block.readText(0, answered);
  },
  backend: (tool, args) => {
    const answered = orUndefined(() => {
      const toolBytes = block.writeText(tool, 'from guest');
      return askHost(Report.backend, toolBytes + block.writeText(args, 'from guest', toolBytes), toolBytes);
    });
    return answered === undefined ? undefined : block.view(answered);
  },
};

/** What does not fit into the block is a failed host call, not a failed call of the guest. */
function orUndefined<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (LockgateError.isInstance(error)) return undefined;
    throw error;
  }
}

/** A plugin's answer lies in the block already, and what came back is its length; a guard's is a text. */
function report(answer: Answer, exportName: string): void {
  if (exportName === 'healthy') {
    Atomics.store(control, Word.detail, answer as number);
    post(Report.number);
    return;
  }
  const byteLength = typeof answer === 'number' ? answer : block.writeText(answer, 'from guest');
  Atomics.store(control, Word.byteLength, byteLength);
  post(Report.text);
}

function serve(guest: Guest): never {
  for (;;) {
    awaitSignal(); // between calls there is no other signal than a call
    const byteLength = Atomics.load(control, Word.byteLength);
    const exportName = EXPORT_NAMES[Atomics.load(control, Word.detail)] as string;
    try {
      // The bridge blocks, so the guest's answer is here when it returns.
      const input = setup.abi === 'guard' ? block.readText(0, byteLength) : block.view(byteLength);
      const answer = guest.call(exportName, input) as Answer;
      note(guest);
      report(answer, exportName);
    } catch (error) {
      note(guest);
      post({ fault: encodeFault(guest.explain(error)) });
    }
  }
}

function note(guest: Guest): void {
  Atomics.store(control, Word.memoryPages, guest.memoryBytes / PAGE_BYTES);
  Atomics.store(control, Word.leakedBytes, guest.leakedBytes);
}

try {
  post(Report.starting);
  const guest = await Guest.start({
    module: setup.module,
    abi: setup.abi,
    maxMessageBytes: setup.maxMessageBytes,
    bridge,
    answerRoom: (byteLength) => block.room(byteLength, 'from guest'),
    log: new GuestLog((level, line) => post({ level, line }), setup.maxLogLinesPerCall),
    onDirectPlacement: (placedDirectly) => post({ placedDirectly }),
  });
  note(guest);
  post(Report.ready);
  serve(guest);
} catch (error) {
  post({ fault: encodeFault(error) });
}
