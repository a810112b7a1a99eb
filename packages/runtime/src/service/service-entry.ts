import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ControlWord } from '../command/command-setup.ts';
import { tooManyRequests } from '../command/http-answers.ts';
import { HostMemory } from '../component/host-memory.ts';
import type { ServedRequest } from '../component/http/incoming-request.ts';
import { KeyValueStores } from '../component/key-value.ts';
import { faultOf, GuestExit } from '../fault.ts';
import { AddressPolicy } from '../host/address-policy.ts';
import { refusedRequest } from '../host/refused-request.ts';
import { threadNumber } from '../isolate/thread-number.ts';
import { InstanceMemory } from './instance-memory.ts';
import { ServedInstance } from './served-instance.ts';
import {
  FlowWord,
  MOST_BYTES_UNDER_WAY,
  type ServiceMessage,
  type ServiceOrder,
  type ServiceSetup,
  unwantedWord,
} from './service-setup.ts';
import { ENDED, Turn, type TurnWatch } from './turn.ts';

const PAGE_BYTES = 65_536;

/** Requests that are answered at the same time, where there is memory for so many; each has an instance of its own. */
const MOST_AT_ONCE = 16;

const setup = workerData as ServiceSetup;
const policy = new AddressPolicy(setup.hosts);
const control = new Int32Array(setup.control);
const flow = new Int32Array(setup.flow);
const port = parentPort as MessagePort;

/** An instance for a request, and the stretches in which it computes. */
interface Served {
  readonly instance: ServedInstance;
  readonly turn: Turn;
}

const keyValue = setup.hasKeyValue ? new KeyValueStores() : undefined;
const hostMemory = new HostMemory(setup.memoryCeilingBytes);
const running = new Map<number, Served>();
const instances = new Set<ServedInstance>();
const memory = new InstanceMemory(setup.memoryCeilingBytes, instances);
const waiting = new Map<number, ServedRequest>();
const answers = new Map<number, (answer: string) => void>();
let sent = 0;
let spare: Served | undefined;

function post(message: ServiceMessage): void {
  port.postMessage(message);
}

/** Bytes of the guest's memory, which are copied. Blocks the thread while too many are under way. */
function postBytes(bytes: Uint8Array, messageOf: (copy: Uint8Array) => ServiceMessage): void {
  const copy = bytes.slice();
  for (;;) {
    const underWay = Atomics.load(flow, FlowWord.underWay);
    if (underWay < MOST_BYTES_UNDER_WAY) break;
    Atomics.wait(flow, FlowWord.underWay, underWay);
  }
  Atomics.add(flow, FlowWord.underWay, copy.length);
  port.postMessage(messageOf(copy), [copy.buffer]);
}

const watch: TurnWatch = {
  begins: () => {
    Atomics.store(control, ControlWord.isWaiting, 0);
    Atomics.add(control, ControlWord.waits, 1);
  },
  ends: () => {
    Atomics.store(control, ControlWord.memoryPages, Math.ceil(memory.bytes / PAGE_BYTES));
    Atomics.add(control, ControlWord.waits, 1);
    Atomics.store(control, ControlWord.isWaiting, 1);
    if (spare !== undefined && !memory.hasRoom) {
      spare.instance.close();
      spare = undefined;
    }
    return memory.refusal;
  },
};

function make(): Served {
  watch.begins(); // start functions are the guest's own code
  try {
    const turn = new Turn(watch);
    const instance = new ServedInstance(
      {
        ...setup,
        keyValue,
        memory: hostMemory,
        stderr: (bytes) => postBytes(bytes, (copy) => ({ stderr: copy })),
        send: (http, onAnswer) => {
          const refusal = refusedRequest(policy, http);
          if (refusal !== undefined) {
            onAnswer(refusal);
            return;
          }
          if (answers.size >= setup.mostRequests) {
            onAnswer(tooManyRequests(setup.mostRequests));
            return;
          }
          const number = sent++;
          answers.set(number, onAnswer);
          post({ sent: number, http });
        },
      },
      turn,
    );
    memory.made(instance);
    return { instance, turn };
  } finally {
    watch.ends();
  }
}

async function answer(id: number, request: ServedRequest): Promise<void> {
  let isOver = false;
  let hasHead = false;
  const over = (message: ServiceMessage): void => {
    if (isOver) return;
    isOver = true;
    post(message);
  };
  let one: Served | undefined;
  try {
    one = spare ?? make();
    spare = undefined;
    running.set(id, one);
    instances.add(one.instance);
    await one.instance.answer(request, {
      head: (status, headers) => {
        hasHead = true;
        post({ id, status, headers });
      },
      write: (bytes) => {
        if (Atomics.load(flow, unwantedWord(id)) === id + 1) throw new WebAssembly.RuntimeError(ENDED);
        postBytes(bytes, (copy) => ({ id, bytes: copy }));
      },
      finish: () => over({ id, ended: true }),
      fail: (reason) => over({ id, failed: reason }),
    });
    over({ id, failed: hasHead ? 'it left its answer unfinished' : 'it gave no answer' });
  } catch (error) {
    over({ id, failed: wordsOf(error, one) });
  } finally {
    running.delete(id);
    if (one) instances.delete(one.instance);
    one?.instance.close();
    next();
  }
}

function wordsOf(error: unknown, one: Served | undefined): string {
  if (one?.turn.refusal !== undefined) return `it was ended: ${one.turn.refusal}`;
  const trap = (): string => `it trapped: ${faultOf(error).message}`;
  const what = error instanceof GuestExit ? `it exited with code ${error.exitCode}` : trap();
  const problem = one && memory.problemOf(one.instance, one.instance.lastWords);
  return problem === undefined ? what : `${what}; ${problem}`;
}

function next(): void {
  for (const [id, request] of waiting) {
    if (running.size >= MOST_AT_ONCE || !memory.hasRoom) return;
    waiting.delete(id);
    void answer(id, request);
  }
  // Made after an answer has been given, not before the next one.
  setImmediate(prepare);
}

function prepare(): void {
  if (spare !== undefined || running.size >= MOST_AT_ONCE || !memory.hasRoom) return;
  try {
    spare = make();
  } catch {
    // Whoever asks next is told why.
  }
}

port.on('message', (order: ServiceOrder) => {
  if ('answer' in order) {
    answers.get(order.sent)?.(order.answer);
    answers.delete(order.sent);
  } else if ('abort' in order) {
    waiting.delete(order.id);
    running.get(order.id)?.turn.end();
  } else {
    waiting.set(order.id, order.request);
    next();
  }
});

Atomics.store(control, ControlWord.threadNumber, threadNumber());
try {
  spare = make();
  post('up');
} catch (error) {
  const { message, stack } = faultOf(error);
  post(error instanceof WebAssembly.LinkError ? { unlinked: message } : { trap: message, stack });
  port.close();
}
