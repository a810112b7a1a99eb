import { expect, test } from 'vitest';
import { subscribe } from '../../src/session/kept-subscriptions.ts';

test.each([
  [true, 'resources/subscribe', ['notifications/resources/updated bench://a']],
  [false, 'resources/unsubscribe', []],
])(
  'a subscription that is taken over (%s) is asked for, and only one that begins is news to its client',
  (isOn, method, told) => {
    const asked: string[] = [];
    const heard: string[] = [];
    subscribe(
      {
        peer: { notify: ({ method: name, params }) => void heard.push(`${name} ${params?.text('uri')}`) },
        request: (frame, wire) => {
          asked.push(`${frame.method} ${frame.params?.text('uri')}`);
          wire.end([Buffer.from('{}')]);
        },
      },
      'bench://a',
      isOn,
    );
    expect([asked, heard]).toEqual([[`${method} bench://a`], told]);
  },
);
