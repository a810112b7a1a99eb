import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { modernPeer } from '../../src/session/modern-requests.ts';

test.each([
  ['elicitation/create', {}, 'the client does not take elicitation'],
  ['sampling/createMessage', { elicitation: {} }, 'the client does not take sampling'],
  ['foo/bar', { elicitation: {} }, 'the client does not take foo/bar'],
])(
  'a server that asks a modern client %s is told that the client has no such method, as of a legacy one',
  async (method, capabilities, message) => {
    const envelope = {
      version: '2026-07-28',
      capabilities: ObjectText.from(capabilities),
      clientInfo: ObjectText.EMPTY,
      logLevel: undefined,
    };
    const peer = modernPeer({ name: 'me' }, envelope, { profile: undefined });
    const asked = peer.ask({ method, params: undefined }, new Cancellation());
    await expect(asked).rejects.toMatchObject({ code: -32_601, message });
  },
);
