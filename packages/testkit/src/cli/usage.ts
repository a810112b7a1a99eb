/** What `--help` prints. */
export const USAGE = `Runs the suites of @lockgate/testkit on your own class, without a test runner, and prints one table.

Usage: lockgate-testkit <module> [options]

  <module>             a file that Node can import (.mjs, .js, .mts, .ts) and whose default export says what there is to
                       be looked at, any of:
                         export default {
                           module: { create, supports }, hotReload: { create }, cache: { create },
                           cacheReplace: { create }, blobStore: { create }, stateStore: { create }, labels: { create },
                         };
                       It is what runSuites() takes; see
                       https://github.com/lockgate/lockgate/blob/main/docs/testing-your-runtime.md
  --suite <a,b>        only these suites (default: all for which the module has a subject)
  --timeout <seconds>  how long one test may take before it is given up (default: 60); what a test waits for in vain fails
                       it after a quarter of that
  --json               print JSON instead of the table
  --list               print the suites, or with a module its tests, and run none
  -h, --help           print this

Each test ends as passed, failed (with what is wrong and what to do about it) or not applicable (with the reason).
The module runs in a process of its own: what it prints goes to stderr.

Exit codes: 0 no test failed, 1 some did, 2 the command line or the module cannot be used, 130 broken off.

Examples:
  lockgate-testkit subject.ts
  lockgate-testkit subject.mjs --suite module-exclusion,module-abort
  lockgate-testkit subject.mjs --json > report.json
`;
