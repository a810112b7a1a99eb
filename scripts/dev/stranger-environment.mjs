/** This process's environment without what the repository, and npm or pnpm on the way here, have added to it. */
export function strangerEnvironment(more = {}) {
  const path = process.env.PATH.split(':').filter(
    (folder) => !folder.includes('node_modules') && !folder.includes('_npx'),
  );
  return Object.fromEntries(
    Object.entries({ ...process.env, PATH: path.join(':') })
      .filter(([name]) => !/^(npm_|pnpm_|INIT_CWD|NODE$|NODE_PATH|MCP_GATEWAY_|TURBO_)/i.test(name))
      .concat(Object.entries(more)),
  );
}
