import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawRequest } from '../fixtures/raw-request.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';

test.each([
  ['is asked once more, and never greeted the older way', ['2026-07-28'], ['server/discover', 'server/discover']],
  ['is greeted the older way where it names older versions', ['2025-11-25'], ['server/discover', 'initialize']],
])('a server that refuses the version of the first question %s', async (_kind, supported, expected) => {
  const seen: string[] = [];
  const answer = ({ era, method }: ScriptedRequest): ScriptedAnswer => {
    seen.push(method);
    if (seen.length === 1) return { error: { code: -32_022, message: 'Unsupported', data: { supported } } };
    return introduced(era, {});
  };
  await using server = await serveScripted(answer);
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const { body } = await rawRequest(`${url}/one`, 'server/discover');
  expect(body.result?.capabilities).toEqual({});
  expect(seen).toEqual(expected);
  await gateway.close();
});
