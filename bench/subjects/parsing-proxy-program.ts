// What a proxy costs that does the least: it reads each message, gives it an id of its own, and writes it again; both ways.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [port, target = ''] = process.argv.slice(2);
const { origin, pathname } = new URL(target);
const pool = new Pool(origin);
let ids = 0;

const server = createServer(async (incoming, response) => {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  const asked = JSON.parse(text);
  const { host, connection, 'content-length': _, ...headers } = incoming.headers;
  const body = JSON.stringify(asked.id === undefined ? asked : { ...asked, id: ids++ });
  const answer = await pool.request({ path: pathname, method: 'POST', headers, body });
  const answered = await answer.body.text();
  const passed = answered && JSON.stringify({ ...JSON.parse(answered), id: asked.id });
  const session = answer.headers['mcp-session-id'];
  response.writeHead(answer.statusCode, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(passed),
    ...(session && { 'mcp-session-id': session }),
  });
  response.end(passed);
});
server.listen(Number(port), '127.0.0.1');
