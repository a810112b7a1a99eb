import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { encodeHttpFailure } from '@lockgate/abi';
import type { SendHttp } from '../component/http/future-response.ts';
import type { CommandMessage, HttpAnswerMessage } from './command-setup.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The answer to a request above those that may be under way. It is given in the thread: what is posted costs the main thread its time, which is everybody's. */
export function tooManyRequests(most: number): string {
  return encodeHttpFailure('too-many-requests', `more than ${most} requests at a time; wait for an answer first`);
}

/**
 * Requests of a guest whose thread sleeps: they are sent at once, and what has come is found when somebody looks.
 *
 * @param most - Those that may be under way.
 * @param refuse - What is answered in the thread, where a request is not granted.
 * @param looked - Told how long each answer was that somebody looked at.
 */
export function httpAnswers(
  port: MessagePort,
  post: (message: CommandMessage) => void,
  most: number,
  refuse: (request: string) => string | undefined,
  looked: (byteLength: number) => void,
): SendHttp {
  const arrived = new Map<number, Uint8Array>();
  let next = 0;
  let underWay = 0;
  const receive = (): void => {
    for (;;) {
      const received = receiveMessageOnPort(port) as { readonly message: HttpAnswerMessage } | undefined;
      if (received === undefined) return;
      underWay -= 1;
      arrived.set(received.message.request, received.message.answer);
    }
  };
  return (http) => {
    const refusal = refuse(http);
    if (refusal !== undefined) return refusal;
    if (underWay >= most) receive();
    if (underWay >= most) return tooManyRequests(most);
    underWay += 1;
    const request = next++;
    post({ request, http });
    return {
      get answer() {
        receive();
        const answer = arrived.get(request);
        if (answer === undefined) return undefined;
        arrived.delete(request);
        looked(answer.length);
        return decoder.decode(answer);
      },
    };
  };
}
