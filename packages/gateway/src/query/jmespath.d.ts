declare module 'jmespath' {
  /** A part of an expression as it was parsed. */
  interface Node {
    readonly type: string;
    readonly name?: unknown;
    readonly children?: readonly unknown[];
    readonly value?: unknown;
  }

  const jmespath: {
    /** @throws an Error that says what is wrong with the expression. */
    compile(expression: string): Node;
    search(data: unknown, expression: string): unknown;
  };
  export default jmespath;
  export type { Node };
}
