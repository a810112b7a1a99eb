// A server by hand, as fast as it can be written: over its pipe, or at a port. Speaks the era it is told and no other.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import type { Era } from '../load/messages.ts';
import { answerOf, type Message } from './echo-answers.ts';

const [where, era] = process.argv.slice(2) as [string, Era];
let sessions = 0;

if (where === 'stdio') {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const message: Message = JSON.parse(line);
    if (message.id !== undefined) process.stdout.write(`${answerOf(message, era)}\n`);
  });
} else {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => {
      text += bytes;
    });
    request.on('end', () => {
      const message: Message | undefined = text === '' ? undefined : JSON.parse(text);
      if (message?.id === undefined) {
        response.writeHead(message ? 202 : 405, { 'content-length': 0 }).end();
        return;
      }
      const answer = answerOf(message, era);
      const begins = era === '2025' && message.method === 'initialize';
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': answer.length,
        ...(begins && { 'mcp-session-id': `session-${sessions++}` }),
      });
      response.end(answer, 'latin1');
    });
  });
  server.listen(Number(where), '127.0.0.1');
}
