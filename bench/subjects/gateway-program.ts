// A gateway in a process of its own, over HTTP (its address is the first line) or over its pipe.
import { createGateway } from '@lockgate/gateway';

const [how, config = '{}'] = process.argv.slice(2);
const gateway = await createGateway(JSON.parse(config));
await gateway.started();
if (how === 'stdio') {
  await gateway.serveStdio();
  await gateway.close();
} else console.log((await gateway.listen()).url);
