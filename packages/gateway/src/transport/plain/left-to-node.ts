import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { request } from '../../node-http.ts';
import type { AnswerHandler, Sending, SentRequest } from '../sender.ts';

/**
 * Has Node's HTTP read an answer whose request has been sent on this socket already. The connection ends with it.
 *
 * @param unread - What has come of the answer.
 */
export function leftToNode(
  socket: Socket,
  method: SentRequest['method'],
  unread: Buffer,
  handler: AnswerHandler,
): Sending {
  const wire = new Duplex({
    read: () => socket.resume(),
    // The request as Node writes it: the server has had it.
    write: (_chunk, _encoding, done) => done(),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  if (unread.length > 0) wire.push(unread);
  socket.on('data', (chunk: Buffer) => {
    if (!wire.push(chunk)) socket.pause();
  });
  let hasEnded = false;
  socket.on('end', () => {
    hasEnded = true;
    wire.push(null);
  });
  socket.on('error', (error) => wire.destroy(error));
  // What came before the end may not have been read yet.
  socket.on('close', () => {
    if (!hasEnded) wire.destroy();
  });
  const asked: ClientRequest = request({ method, createConnection: () => wire });
  let answer: IncomingMessage | undefined;
  let isOver = false;
  const fail = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    handler.onError(error);
  };
  // An answer that has come whole ends as such, whatever follows it.
  asked.on('error', (error) => {
    if (!answer?.complete) fail(error);
  });
  asked.on('upgrade', () => {
    socket.destroy();
    fail(
      Object.assign(new Error('the server goes over to another protocol, for which nobody has asked'), {
        code: 'UND_ERR_SOCKET',
      }),
    );
  });
  // Paused, the answer ends later than its request.
  asked.on('close', () => socket.destroy());
  asked.on('response', (response) => {
    answer = response;
    if (isOver) return;
    handler.onHead(response.statusCode as number, response.headers);
    response.on('data', (chunk: Buffer) => {
      if (!isOver) handler.onData(chunk);
    });
    response.on('end', () => {
      // Node ends its own side only: the server might never end the other.
      socket.destroy();
      if (isOver) return;
      isOver = true;
      handler.onEnd();
    });
    response.on('error', fail);
  });
  asked.end();
  return {
    abort: () => {
      isOver = true;
      asked.destroy();
    },
    pause: () => answer?.pause(),
    resume: () => answer?.resume(),
  };
}
