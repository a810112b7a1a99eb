import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { startFakeConnection } from './fake-connection.ts';

const LOG = '{"level":"info","data":1}';
const log = `{"jsonrpc":"2.0","method":"notifications/message","params":${LOG}}`;

describe('a notification before the server has said who it is', () => {
  test.each(['notifications/message', 'notifications/tools/list_changed'])('reaches nobody: %s', async (method) => {
    const { link, connection, told } = await startFakeConnection();
    const said = `{"jsonrpc":"2.0","method":"${method}","params":${LOG}}`;
    for (let i = 0; i < 1_000; i++) link.write(said);
    expect(told.onError).toHaveBeenCalledOnce();
    const greeted = connection.request(
      { method: 'initialize', params: ObjectText.EMPTY },
      { cancellation: new Cancellation() },
    );
    link.write(said);
    link.write(`{"jsonrpc":"2.0","id":${link.request('initialize').id},"result":{}}`);
    expect([...told.onStray.mock.calls, ...told.onNews.mock.calls]).toEqual([]);
    // What stands right behind the answer counts.
    link.write(said);
    expect([...told.onStray.mock.calls, ...told.onNews.mock.calls]).toHaveLength(1);
    await greeted;
    expect(told.onError.mock.calls.map(([{ message }]) => message)).toEqual([
      'the server sent a notification before it answered "initialize": such are dropped',
      '1000 more notifications came before the answer to "initialize": dropped',
    ]);
  });

  test('is counted where the server ends without it', async () => {
    const { link, told } = await startFakeConnection();
    for (let i = 0; i < 3; i++) link.write(log);
    link.events?.ended('it ended');
    expect(told.onStray).not.toHaveBeenCalled();
    expect(told.onError).toHaveBeenCalledTimes(2);
    expect(told.onError.mock.lastCall?.[0].message).toContain('2 more notifications');
  });
});
