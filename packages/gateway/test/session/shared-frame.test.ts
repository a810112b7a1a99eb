import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { byteLengthOf, writeNotification } from '../../src/protocol/frame/write-frame.ts';
import { sharedFrame } from '../../src/session/shared-frame.ts';
import { StreamLog } from '../../src/session/stream-log.ts';

const METHOD = 'notifications/message';
const params = (size: number) => ObjectText.from({ level: 'error', data: 'x'.repeat(size) });

test.each([10, 100_000])(
  'a notification of %i bytes is written once, and kept once, for however many sessions',
  (size) => {
    const message = { method: METHOD, params: params(size) };
    const frame = sharedFrame(message);
    expect(Buffer.concat(frame)).toEqual(Buffer.concat(writeNotification(METHOD, message.params)));
    expect(sharedFrame({ ...message })).toBe(frame);

    const kept = [new StreamLog(), new StreamLog()].map((log) => {
      log.append('0', frame);
      return log.after('0_0')[0]?.frame;
    });
    expect(kept[0]).toBe(kept[1]);
    expect(kept[0]?.buffer.byteLength).toBe(byteLengthOf(frame));
  },
);

test('the same parameters under another method are another notification', () => {
  const shared = params(10);
  sharedFrame({ method: METHOD, params: shared });
  expect(Buffer.concat(sharedFrame({ method: 'notifications/other', params: shared })).toString()).toContain('/other');
});

test('a notification without parameters is written as it is', () => {
  const bytes = sharedFrame({ method: METHOD, params: undefined });
  expect(JSON.parse(Buffer.concat(bytes).toString())).toEqual({ jsonrpc: '2.0', method: METHOD });
});
