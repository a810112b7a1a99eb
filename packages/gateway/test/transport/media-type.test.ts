import { expect, test } from 'vitest';
import { ANSWER, frame, linkTo, Waiting } from './served-link.ts';

test.each(['Application/JSON', 'application/json;charset=UTF-8', ' APPLICATION/JSON ; charset=utf-8'])(
  'an answer is one frame where its type is written as %s',
  async (type) => {
    const { link } = await linkTo((_request, response) => response.setHeader('content-type', type).end(ANSWER));
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toBe('answered');
  },
);

test('an answer is a stream however its type is written, and so is the one that resumes it', async () => {
  const { link } = await linkTo(({ method }, response) => {
    response.writeHead(200, { 'content-type': 'Text/Event-Stream;charset=utf-8' });
    response.end(method === 'POST' ? 'id: 1\nretry: 1\ndata:\n\n' : `data: ${ANSWER}\n\n`);
  });
  const waiting = new Waiting();
  link.send(frame, waiting);
  expect(await waiting.outcome).toBe('answered');
});
