/** A session at a gateway whose answers are looked at as the bytes that came. */
export interface Wire {
  /** Calls a tool with arguments as the text of JSON; answers with every byte of the response. */
  call(tool: string, args: string): Promise<string>;
}

export async function openWire(url: string): Promise<Wire> {
  const version = '2025-06-18';
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = async (body: string): Promise<Response> => fetch(url, { method: 'POST', headers, body });
  const hello = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'wire', version: '1.0.0' } };
  const begun = await post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }));
  await begun.text();
  headers['mcp-session-id'] = begun.headers.get('mcp-session-id') ?? '';
  headers['mcp-protocol-version'] = version;
  await (await post('{"jsonrpc":"2.0","method":"notifications/initialized"}')).text();
  let id = 0;
  return {
    async call(tool, args) {
      const name = JSON.stringify(tool);
      const params = `{"name":${name},"arguments":${args}}`;
      const answer = await post(`{"jsonrpc":"2.0","id":${++id},"method":"tools/call","params":${params}}`);
      return `${answer.status} ${await answer.text()}`;
    },
  };
}
