import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { beginSession, callFrame } from '../fixtures/raw-client.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';

const TOOLS = [{ name: 't', inputSchema: { type: 'object' } }];

/** The text of a stream until this has come; without it, until its end. */
async function readUntil(response: Response, end?: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (end?.test(text)) break;
  }
  return text;
}

const lastId = (text: string): string => [...text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? '';

/** A session with a call that has told of progress, and ends when the test says so, with a text of this length. */
async function runningCall(length: number) {
  const done = Promise.withResolvers<void>();
  const answer = async ({ era, method, params, tell }: ScriptedRequest): Promise<ScriptedAnswer> => {
    if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
    if (method === 'initialize') return introduced('legacy', { tools: {} });
    if (method === 'tools/list') return { result: { tools: TOOLS } };
    const { progressToken } = params._meta as { progressToken: unknown };
    tell({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    await done.promise;
    return { result: { content: [{ type: 'text', text: 'x'.repeat(length) }] } };
  };
  const server = await serveScripted(answer);
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const url = `${(await gateway.listen()).url}/one`;
  const headers = await beginSession(url);
  const body = callFrame('legacy', '7', 't', '{}', ['"progressToken":1']);
  const begun = await fetch(url, { method: 'POST', headers, body });
  return {
    done: done.resolve,
    begun,
    resume: (after: string) => fetch(url, { headers: { ...headers, 'last-event-id': after } }),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a call whose stream breaks, and once more before anything came on the second one, is answered on the third', async () => {
  await using call = await runningCall(3);
  const first = await readUntil(call.begun, /notifications\/progress.*\n\n/);
  // Breaks off after its first event, which is there though nothing was missed.
  const second = await readUntil(await call.resume(lastId(first)), /\n\n/);
  expect(second).toMatch(/^id: \S+\nretry: 1000\ndata: \n\n$/);
  call.done();
  const third = await readUntil(await call.resume(lastId(second)));
  expect(third).toContain('"id":7,"result":{"content":[{"type":"text","text":"xxx"}]}');
});

test('a client that comes back while its first connection is still open is answered on the second', async () => {
  await using call = await runningCall(3);
  const reading = call.begun.clone();
  const first = await readUntil(reading, /notifications\/progress.*\n\n/);
  const resumed = await call.resume(lastId(first));
  call.done();
  expect(await readUntil(resumed)).toContain('"id":7,"result"');
  expect(await readUntil(call.begun)).not.toContain('"result"');
});

test('a client that comes back for an answer that is too large to be kept is told so, and waits for nothing', async () => {
  await using call = await runningCall(5 * 1024 * 1024);
  // Written into a connection that is as good as dead: its client has seen no more than the first event.
  const reading = call.begun.clone();
  const first = await readUntil(reading, /notifications\/progress.*\n\n/);
  call.done();
  await readUntil(call.begun);
  const second = await readUntil(await call.resume(lastId(first)));
  expect(second).toMatch(/"id":7,"error":\{"code":-32000,"message":"The stream broke before this answer was read/);
});

test('a client that comes back though it has read its answer is told to come no more', async () => {
  await using call = await runningCall(3);
  call.done();
  const text = await readUntil(call.begun);
  expect(text).toContain('"id":7,"result"');
  const resumed = await call.resume(lastId(text));
  expect([resumed.status, await resumed.text()]).toEqual([204, '']);
});
