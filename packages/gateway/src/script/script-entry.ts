import { parentPort, workerData } from 'node:worker_threads';
import { threadNumber } from '@lockgate/runtime/thread-time';
import { ownProcessorMs } from './own-processor-ms.ts';
import { RunningScript } from './running-script.ts';
import { Sandbox } from './sandbox.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';

// A thread that runs scripts, one after another. Each gets a sandbox that was made before it came, and that nothing else ever runs in.

const { engine, maxMemoryBytes } = workerData as ThreadSetup;
const utf8 = new TextDecoder();

let next: Sandbox | undefined;
let running: RunningScript | undefined;

function post(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function prepare(): Promise<void> {
  running = undefined;
  next = await Sandbox.create(engine, maxMemoryBytes);
  post({ type: 'ready', threadNumber: threadNumber() });
}

parentPort?.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'run': {
      const sandbox = next as Sandbox;
      next = undefined;
      running = new RunningScript({
        sandbox,
        limits: message.limits,
        processorMs: ownProcessorMs,
        onAsk: post,
        onEnd: (outcome) => {
          post({ type: 'ended', outcome });
          void prepare();
        },
      });
      running.start(message.code);
      break;
    }
    case 'answer':
      running?.answer(message.id, message.ok, utf8.decode(message.json));
      break;
    case 'stop':
      if (!running) break;
      running.stop();
      void prepare();
      break;
    default: {
      const unknown: never = message;
      throw new TypeError(`No message of a script thread: ${String(unknown)}.`);
    }
  }
});

void prepare();
