import { setTimeout as pause } from 'node:timers/promises';
import { McpClient } from './mcp-client.mjs';

/** How long a client waits between two calls, at most. */
const THINK_MS = 60;
const CALLS_IN_A_SESSION = 40;

/** What may be called, and what it must answer to a text of words. */
const CALLS = [
  ['steady__echo', (text) => text],
  ['web__echo', (text) => text],
  ['guarded__echo', (text) => text],
  ['textkit__slugify', (text) => text.replaceAll(' ', '-')],
];

/** Clients that do everything right: every call must have its own answer. */
export const wellBehaved = { sessions: [8, inSessions], askable: [3, askable], stateless: [8, stateless] };

async function inSessions({ url, tally, stopped, name }) {
  while (!stopped.aborted) {
    const client = await McpClient.session(url);
    const leave = client.listen();
    for (let n = 0; n < CALLS_IN_A_SESSION && !stopped.aborted; n++) await one(client, `${name} ${n}`, tally);
    leave();
    await client.end();
  }
}

async function stateless({ url, tally, stopped, name }) {
  const client = McpClient.stateless(url);
  for (let n = 0; !stopped.aborted; n++) await one(client, `${name} ${n}`, tally);
  client.leave();
}

/** Sessions whose server asks them in the middle of a call, over a connection of their own. */
async function askable({ url, tally, stopped, name }) {
  while (!stopped.aborted) {
    const client = await McpClient.session(url, { sampling: {} });
    const leave = client.listen();
    for (let n = 0; n < CALLS_IN_A_SESSION && !stopped.aborted; n++) {
      await tally.call(() => client.call('steady__ask', { text: `${name} ${n}` }), `${name} ${n}`);
      await pause(Math.random() * THINK_MS);
    }
    leave();
    await client.end();
  }
}

async function one(client, text, tally) {
  const [tool, right] = CALLS[Math.floor(Math.random() * CALLS.length)];
  await tally.call(() => client.call(tool, { text }), right(text));
  await pause(Math.random() * THINK_MS);
}
