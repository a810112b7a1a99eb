import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolsOf } from '../../packages/gateway/test/catalog/search/installed-tools.ts';
import { recallTable } from '../../packages/gateway/test/catalog/search/recall.ts';
import { writtenQueries } from '../../packages/gateway/test/catalog/search/tool-corpus.ts';
import { cache } from './install.mjs';
import { programOf } from './started-server.mjs';

/**
 * Lists the tools of servers and says how often the tool search finds the right one among them, for queries of which an expected tool is there. The
 * lists are kept beside the servers and go nowhere else.
 */
export async function searchQuality(subjects, scratch, say) {
  const tools = [];
  for (const { server, installed } of subjects) {
    try {
      const listed = await toolsOf(server.id, programOf(server, installed, scratch.nextWay()));
      say(`${server.id}: ${listed.length} tools`);
      tools.push(...listed);
    } catch (error) {
      say(`${server.id} does not list its tools: ${error.message}`);
    }
  }
  const lists = tools.map(({ server, item }) => ({ server, tool: item.toValue() }));
  writeFileSync(join(cache, 'tools.json'), JSON.stringify(lists));
  const known = new Set(tools.map(({ server, item }) => `${server}/${item.text('name')}`));
  const usable = (file) => writtenQueries(file).filter(({ expected }) => expected.some((tool) => known.has(tool)));
  const sets = { tuned: usable('queries-zoo-tuned.txt'), 'held out': usable('queries-zoo-held-out.txt') };
  console.log(recallTable(tools, sets));
}
