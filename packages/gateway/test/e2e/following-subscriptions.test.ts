import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const NOTE = 'notes://today';

/** A server that has a resource, or comes to have it, and says who asks to hear of it. */
async function serveNotes(hasAtFirst: boolean) {
  const state = { has: hasAtFirst, asked: [] as string[], tell: (_method: string, _params?: object): void => {} };
  const answer = (request: ScriptedRequest): ScriptedAnswer => {
    const { era, method } = request;
    state.tell = (told, params) => request.tellSession({ method: told, ...(params && { params }) });
    if (method === 'initialize' && era === 'legacy')
      return introduced(era, { resources: { subscribe: true, listChanged: true } });
    if (method === 'resources/list') return { result: { resources: state.has ? [{ uri: NOTE, name: 'today' }] : [] } };
    if (method === 'resources/templates/list') return { result: { resourceTemplates: [] } };
    if (method === 'resources/subscribe' || method === 'resources/unsubscribe') {
      state.asked.push(method.slice('resources/'.length));
      return { result: {} };
    }
    return { error: { code: -32_601, message: 'Method not found' } };
  };
  const server = await serveScripted(answer);
  return { ...server, state };
}

test.each(['legacy', 'modern'] as const)(
  'a %s client hears of a resource from the server that it reads it at, also once that comes to have it',
  async (era) => {
    await using first = await serveNotes(false);
    await using second = await serveNotes(true);
    const mcpServers = { first: { url: first.url }, second: { url: second.url } };
    await using gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers } as never);
    await gateway.started();
    const { url } = await gateway.listen();
    await using client = await connect(url, era);
    const heard: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    if (era === 'legacy') await client.subscribeResource({ uri: NOTE });
    else await client.listen({ resourceSubscriptions: [NOTE] });
    expect([first.state.asked, second.state.asked]).toEqual([[], ['subscribe']]);
    second.state.tell('notifications/resources/updated', { uri: NOTE });
    await expect.poll(() => heard).toEqual([NOTE]);

    first.state.has = true;
    first.state.tell('notifications/resources/list_changed');
    await expect.poll(() => second.state.asked).toEqual(['subscribe', 'unsubscribe']);
    expect(first.state.asked).toEqual(['subscribe']);
    second.state.tell('notifications/resources/updated', { uri: NOTE });
    first.state.tell('notifications/resources/updated', { uri: NOTE });
    await expect.poll(() => heard).toEqual([NOTE, NOTE]);
    await client.listResources();
    expect(heard).toEqual([NOTE, NOTE]);
  },
);
