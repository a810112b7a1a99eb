import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const answer = new Uint8Array(workerData.answerBytes);
  parentPort.on('message', () => parentPort.postMessage(answer));
  parentPort.postMessage('ready');
`;

export interface BareWorker extends AsyncDisposable {
  roundTrip(): Promise<unknown>;
}

/** A worker thread that does nothing: so many bytes to it and back, through postMessage. */
export async function openBareWorker(requestBytes: number, answerBytes: number): Promise<BareWorker> {
  const worker = new Worker(PROGRAM, { eval: true, workerData: { answerBytes } });
  const request = new Uint8Array(requestBytes);
  await once(worker, 'message');
  let answered: ((answer: unknown) => void) | undefined;
  worker.on('message', (answer) => answered?.(answer));
  return {
    roundTrip: () =>
      new Promise((resolve) => {
        answered = resolve;
        worker.postMessage(request);
      }),
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
