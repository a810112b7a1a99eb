import type { ApiError } from './api.ts';

/** Why a request of the console's API is not carried out, as it is answered. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly remedy?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = more.remedy;
    this.headers = more.headers ?? {};
  }

  get body(): ApiError {
    const { code, message, remedy } = this;
    return { error: { code, message, ...(remedy !== undefined && { remedy }) } };
  }
}

export function notFound(what: string): ApiFailure {
  return new ApiFailure(404, 'NOT_FOUND', what);
}

export function notAvailable(what: string, remedy: string): ApiFailure {
  return new ApiFailure(404, 'NOT_AVAILABLE', what, { remedy });
}

export function badRequest(what: string, remedy?: string): ApiFailure {
  return new ApiFailure(400, 'BAD_REQUEST', what, remedy === undefined ? {} : { remedy });
}
