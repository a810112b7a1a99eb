/** A case of a variant of `wasi:http`: a method, a scheme, an error. */
export interface HttpCase {
  readonly tag: string;
  readonly val?: string;
}
