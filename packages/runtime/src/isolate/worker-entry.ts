import { parentPort, workerData } from 'node:worker_threads';
import { encodeHttpFailure, type GuestAnswer, LockgateError } from '@lockgate/abi';
import { GuestFault } from '../fault.ts';
import { Guest, type GuestSetup } from '../guest/guest.ts';
import { GuestLog } from '../host/guest-log.ts';
import { Lookout } from './lookout.ts';
import { MessageBlock } from './message-block.ts';
import { encodeNamedCall } from './named-call.ts';
import { type AnyOperation, operationsOf } from './operations-of.ts';
import {
  Attention,
  type GuestMessage,
  Report,
  Signal,
  type ThreadSetup,
  Word,
  type WorkerMessage,
} from './protocol.ts';
import { threadNumber } from './thread-number.ts';
import { encodeFault, sparesThread } from './wire-fault.ts';
import { findDialect } from './worker-dialect.ts';

const PAGE_BYTES = 65_536;

const setup = workerData as ThreadSetup;
const control = new Int32Array(setup.control);
const block = new MessageBlock(setup.data);
const signals = new Lookout(control, Word.signal);

/** Nobody ever changes it: what waits for it sleeps for as long as it says. */
const asleep = new Int32Array(new SharedArrayBuffer(4));

/** A function that was given by name has failed, and why. */
class FailedFunction extends Error {
  override readonly name = 'FailedFunction';
}

/** Messages since the present call began: an answer must not overtake them. */
let posted = 0;

function post(message: WorkerMessage): void {
  posted += 1;
  parentPort?.postMessage(message);
}

/** Sleeps until the main thread says what to do, if it does not do so at once. Blocks this thread, which has nothing else to do. */
function awaitSignal(): number {
  signals.sees(Signal.wait);
  while (Atomics.load(control, Word.signal) === Signal.wait) Atomics.wait(control, Word.signal, Signal.wait);
  const signal = Atomics.load(control, Word.signal);
  Atomics.store(control, Word.signal, Signal.wait);
  return signal;
}

/** Asks the host and waits for its answer, whose length it gives; undefined where there is none. @throws GuestFault, FailedFunction */
function askHost(report: number, byteLength: number, detail: number): number | undefined {
  Atomics.store(control, Word.byteLength, byteLength);
  Atomics.store(control, Word.detail, detail);
  post(report);
  const signal = awaitSignal();
  const answered = Atomics.load(control, Word.byteLength);
  if (signal === Signal.failed) throw new FailedFunction(block.readText(0, answered));
  if (signal === Signal.trap) throw new GuestFault(block.readText(0, answered), { isTrap: true });
  return signal === Signal.reply ? answered : undefined;
}

const asked: GuestSetup['host'] = {
  http: (request) => {
    const answered = orUndefined(() => askHost(Report.http, block.writeText(request, 'from guest'), 0));
    if (answered === undefined)
      return encodeHttpFailure('response-too-large', 'the request or the response is larger than a message may be');
    return block.readText(0, answered);
  },
  backend: (tool, args) => {
    const answered = orUndefined(() => {
      const toolBytes = block.writeText(tool, 'from guest');
      return askHost(Report.backend, toolBytes + block.writeText(args, 'from guest', toolBytes), toolBytes);
    });
    return answered === undefined ? undefined : block.view(answered);
  },
  functions: (name, args) => {
    try {
      const byteLength = block.writeBytes(encodeNamedCall({ name, args }), 'from guest');
      const answered = askHost(Report.named, byteLength, 0);
      return answered === undefined ? undefined : new Uint8Array(block.view(answered));
    } catch (error) {
      if (error instanceof FailedFunction || LockgateError.isInstance(error)) return { failure: error.message };
      throw error;
    }
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

/** A text may lie in the block already, and what came back is its length. */
function report(answer: GuestAnswer, operation: AnyOperation): void {
  if (operation.answer === 'number') {
    Atomics.store(control, Word.detail, answer as number);
    deliver(Report.number);
    return;
  }
  const byteLength = typeof answer === 'number' ? answer : block.writeText(answer, 'from guest');
  Atomics.store(control, Word.byteLength, byteLength);
  deliver(Report.text);
}

/** Says that the answer is there: in shared memory where the main thread looks, and nothing is under way to it. */
function deliver(kind: number): void {
  const { here, answered } = Attention;
  Atomics.store(control, Word.report, kind);
  const isFound = posted === 0 && Atomics.compareExchange(control, Word.attention, here, answered) === here;
  if (!isFound) post(kind);
}

/** Until the guest leaves. */
function serve(guest: Guest, operations: readonly AnyOperation[]): void {
  for (;;) {
    const signal = awaitSignal();
    if (signal === Signal.leave) {
      guest.close();
      parentPort?.postMessage(Report.left satisfies WorkerMessage);
      return;
    }
    if (signal === Signal.park) {
      const parked = guest.park();
      if (parked === undefined) {
        post(Report.stays);
        continue;
      }
      guest.close();
      parentPort?.postMessage({ parked } satisfies WorkerMessage, [parked.chunks.buffer, parked.places.buffer]);
      return;
    }
    posted = 0;
    const byteLength = Atomics.load(control, Word.byteLength);
    const operation = operations[Atomics.load(control, Word.detail)] as AnyOperation;
    try {
      // The host's functions block, so the guest's answer is here when it returns.
      const answer = guest.call(operation.exportName, block.view(byteLength)) as GuestAnswer;
      note(guest);
      report(answer, operation);
      guest.prepare();
    } catch (error) {
      note(guest);
      const explained = guest.explain(error);
      post({ fault: encodeFault(explained), sparesThread: sparesThread(explained) });
    }
  }
}

function note(guest: Guest): void {
  Atomics.store(control, Word.memoryPages, guest.memoryBytes / PAGE_BYTES);
  Atomics.store(control, Word.leakedBytes, guest.leakedBytes);
}

/** One guest, from its start to when it leaves. */
async function host(message: GuestMessage): Promise<void> {
  try {
    const dialect = await findDialect(message.dialect);
    post(Report.starting);
    const guest = await Guest.start({
      module: message.module,
      dialect,
      maxMessageBytes: message.maxMessageBytes,
      memoryCeilingBytes: message.memoryCeilingBytes ?? dialect.memoryCeilingBytes,
      host: asked,
      grants: message.grants,
      sleep: (ms) => void Atomics.wait(asleep, 0, 0, ms),
      waiting: 'blocks',
      answerRoom: (byteLength) => block.room(byteLength, 'from guest'),
      log: new GuestLog((level, line) => post({ level, line }), message.maxLogLinesPerCall),
      onWarning: (exportName, warning) => post({ exportName, warning }),
      state: message.state,
      parks: true,
    });
    note(guest);
    Atomics.store(control, Word.detail, guest.parks ? 1 : 0);
    post(Report.ready);
    serve(guest, operationsOf(dialect));
  } catch (error) {
    post({ fault: encodeFault(error), sparesThread: false });
  }
}

Atomics.store(control, Word.threadNumber, threadNumber());
parentPort?.on('message', (message: GuestMessage) => void host(message));
post(Report.up);
