import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { SendHttp } from '../component/http/future-response.ts';
import type { CommandMessage, HttpAnswerMessage } from './command-setup.ts';

/** Requests of a guest whose thread sleeps: they are sent at once, and what has come is found when somebody looks. */
export function httpAnswers(port: MessagePort, post: (message: CommandMessage) => void): SendHttp {
  const arrived = new Map<number, string>();
  let next = 0;
  const receive = (): void => {
    for (;;) {
      const received = receiveMessageOnPort(port) as { readonly message: HttpAnswerMessage } | undefined;
      if (received === undefined) return;
      arrived.set(received.message.request, received.message.answer);
    }
  };
  return (http) => {
    const request = next++;
    post({ request, http });
    return {
      get answer() {
        receive();
        const answer = arrived.get(request);
        arrived.delete(request);
        return answer;
      },
    };
  };
}
