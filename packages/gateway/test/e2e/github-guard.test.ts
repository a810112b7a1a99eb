import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { call, servedGateway } from './guarded-files.ts';

// A guard that others wrote for the same ABI, in Rust, with the policies that it is used with. Its file is not here: build "guards/github-guard" of
// GitHub's MCP gateway for wasm32-wasip1 and name the file in LOCKGATE_GITHUB_GUARD.

const file = process.env.LOCKGATE_GITHUB_GUARD;
const missing =
  file === undefined ? 'LOCKGATE_GITHUB_GUARD names no file' : existsSync(file) ? undefined : `${file} is not there`;
if (missing !== undefined) console.log(`skipped: the GitHub guard (${missing})`);

const issue = (number: number, login: string, association: string, labels: readonly string[] = []) => ({
  number,
  title: `issue ${number}`,
  body: `BODY-${number}`,
  user: { login },
  author_association: association,
  labels: labels.map((name) => ({ name })),
});
const REPOSITORIES: Readonly<Record<string, { private: boolean; issues: readonly ReturnType<typeof issue>[] }>> = {
  'octo/open': {
    private: false,
    issues: [
      issue(1, 'olga', 'OWNER'),
      issue(2, 'mel', 'MEMBER'),
      issue(3, 'con', 'CONTRIBUTOR'),
      issue(4, 'fay', 'FIRST_TIMER'),
      issue(5, 'nobody', 'NONE'),
      issue(6, 'mallory', 'MEMBER'),
      issue(7, 'nobody', 'NONE', ['vetted']),
    ],
  },
  'octo/closed': { private: true, issues: [issue(8, 'olga', 'OWNER')] },
};

/** What the guard knows of GitHub's server, over made-up repositories. */
async function serveIssues() {
  const answer = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'github', version: '1.0.0' });
    const annotations = { readOnlyHint: true };
    const place = { owner: z.string(), repo: z.string() };
    const issuesOf = ({ owner, repo }: { owner: string; repo: string }) =>
      REPOSITORIES[`${owner}/${repo}`]?.issues ?? [];
    server.registerTool('list_issues', { annotations, inputSchema: z.object(place) }, async (args) =>
      answer({ issues: issuesOf(args), totalCount: issuesOf(args).length }),
    );
    server.registerTool(
      'issue_read',
      { annotations, inputSchema: z.object({ ...place, method: z.string(), issue_number: z.number() }) },
      async (args) => answer(issuesOf(args).find(({ number }) => number === args.issue_number)),
    );
    server.registerTool('create_issue', { inputSchema: z.object({ ...place, title: z.string() }) }, async () =>
      answer({}),
    );
    server.registerTool(
      'search_repositories',
      { annotations, inputSchema: z.object({ query: z.string(), perPage: z.number() }) },
      async ({ query }) => {
        const items = Object.entries(REPOSITORIES)
          .filter(([name]) => query.includes(name))
          .map(([name, repository]) => ({ full_name: name, private: repository.private }));
        return answer({ total_count: items.length, incomplete_results: false, items });
      },
    );
    return server;
  });
  const serve = toNodeHandler(handler);
  const http = createServer((request, response) => void serve(request as Parameters<typeof serve>[0], response));
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      await handler.close();
      http.close();
      http.closeAllConnections();
    },
  };
}

describe.skipIf(missing !== undefined)('the GitHub guard, with "allow-only"', () => {
  let server: Awaited<ReturnType<typeof serveIssues>>;
  beforeAll(async () => {
    server = await serveIssues();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const served = (policy: object) =>
    servedGateway({
      gateway: { listen: '127.0.0.1:0' },
      guards: { github: { path: file as string } },
      mcpServers: { github: { url: server.url, guard: 'github', 'guard-policies': { 'allow-only': policy } } },
    });
  const numbers = (text: string): readonly number[] =>
    [...text.matchAll(/BODY-(\d)/g)].map(([, digit]) => Number(digit));

  test.each([
    [{ repos: 'public', 'min-integrity': 'none' }, [1, 2, 3, 4, 5, 6, 7], []],
    [{ repos: 'public', 'min-integrity': 'unapproved' }, [1, 2, 3, 5, 6, 7], []],
    [{ repos: 'public', 'min-integrity': 'approved' }, [1, 2, 6], []],
    [{ repos: 'public', 'min-integrity': 'merged' }, [], []],
    [{ repos: 'public', 'min-integrity': 'approved', 'blocked-users': ['mallory'] }, [1, 2], []],
    [{ repos: 'public', 'min-integrity': 'approved', 'approval-labels': ['vetted'] }, [1, 2, 6, 7], []],
    [{ repos: 'public', 'min-integrity': 'approved', 'trusted-users': ['con'] }, [1, 2, 3, 6], []],
    [{ repos: ['octo/*'], 'min-integrity': 'approved' }, [1, 2, 6], [8]],
    [{ repos: ['octo/closed'], 'min-integrity': 'none' }, [], [8]],
  ])('%j gives issues %j of the open repository and %j of the closed one', async (policy, open, closed) => {
    await using gateway = await served(policy);
    const client = await gateway.connect();
    const list = (repo: string) => call(client, 'github__list_issues', { owner: 'octo', repo });
    expect(numbers(await list('open'))).toEqual(open);
    expect(numbers(await list('closed'))).toEqual(closed);
  });

  test('one issue is given or withheld like those of a list, and counts are left as they are', async () => {
    await using gateway = await served({ repos: 'public', 'min-integrity': 'approved' });
    const client = await gateway.connect();
    const read = (repo: string, number: number) =>
      call(client, 'github__issue_read', { method: 'get', owner: 'octo', repo, issue_number: number });
    expect(numbers(await read('open', 1))).toEqual([1]);
    for (const [repo, number] of [
      ['open', 5],
      ['closed', 8],
    ] as const) {
      const answer = await read(repo, number);
      expect(numbers(answer)).toEqual([]);
      expect(answer).toMatch(/withheld|Denied/);
    }
    expect(await call(client, 'github__list_issues', { owner: 'octo', repo: 'open' })).toMatch(
      /"totalCount":7[\s\S]*\[Filtered\] 4 of 7/,
    );
  });
});
