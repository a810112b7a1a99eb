const FIELD_SIZE = 'record{field-name: option<string>, field-size: option<u32>}';
const HTTP_ERROR =
  'variant{DNS-timeout, DNS-error(record{rcode: option<string>, info-code: option<u16>}), ' +
  'destination-not-found, destination-unavailable, destination-IP-prohibited, ' +
  'destination-IP-unroutable, connection-refused, connection-terminated, connection-timeout, ' +
  'connection-read-timeout, connection-write-timeout, connection-limit-reached, TLS-protocol-error, ' +
  'TLS-certificate-error, TLS-alert-received(record{alert-id: option<u8>, ' +
  'alert-message: option<string>}), HTTP-request-denied, HTTP-request-length-required, ' +
  'HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, HTTP-request-URI-invalid, ' +
  'HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), ' +
  `HTTP-request-header-size(option<${FIELD_SIZE}>), HTTP-request-trailer-section-size(option<u32>), ` +
  `HTTP-request-trailer-size(${FIELD_SIZE}), HTTP-response-incomplete, ` +
  `HTTP-response-header-section-size(option<u32>), HTTP-response-header-size(${FIELD_SIZE}), ` +
  'HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), ' +
  `HTTP-response-trailer-size(${FIELD_SIZE}), HTTP-response-transfer-coding(option<string>), ` +
  'HTTP-response-content-coding(option<string>), HTTP-response-timeout, HTTP-upgrade-failed, ' +
  'HTTP-protocol-error, loop-detected, configuration-error, internal-error(option<string>)}';
const METHOD = 'variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}';
const SCHEME = 'option<variant{HTTP, HTTPS, other(string)}>';
const HEADER_ERROR = 'variant{invalid-syntax, forbidden, immutable}';

/** `wasi:http`, as whoever sends requests imports it. */
export const WASI_HTTP_CONTRACT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'wasi:http/types': {
    '[constructor]fields': '() -> fields',
    '[static]fields.from-list': `(list<tuple<string, list<u8>>>) -> result<fields, ${HEADER_ERROR}>`,
    '[method]fields.get': '(borrow<fields>, string) -> list<list<u8>>',
    '[method]fields.has': '(borrow<fields>, string) -> bool',
    '[method]fields.set': `(borrow<fields>, string, list<list<u8>>) -> result<_, ${HEADER_ERROR}>`,
    '[method]fields.delete': `(borrow<fields>, string) -> result<_, ${HEADER_ERROR}>`,
    '[method]fields.append': `(borrow<fields>, string, list<u8>) -> result<_, ${HEADER_ERROR}>`,
    '[method]fields.entries': '(borrow<fields>) -> list<tuple<string, list<u8>>>',
    '[method]fields.clone': '(borrow<fields>) -> fields',
    '[method]incoming-request.method': `(borrow<incoming-request>) -> ${METHOD}`,
    '[method]incoming-request.path-with-query': '(borrow<incoming-request>) -> option<string>',
    '[method]incoming-request.scheme': `(borrow<incoming-request>) -> ${SCHEME}`,
    '[method]incoming-request.authority': '(borrow<incoming-request>) -> option<string>',
    '[method]incoming-request.headers': '(borrow<incoming-request>) -> fields',
    '[method]incoming-request.consume': '(borrow<incoming-request>) -> result<incoming-body>',
    '[constructor]outgoing-request': '(fields) -> outgoing-request',
    '[method]outgoing-request.body': '(borrow<outgoing-request>) -> result<outgoing-body>',
    '[method]outgoing-request.method': `(borrow<outgoing-request>) -> ${METHOD}`,
    '[method]outgoing-request.set-method': `(borrow<outgoing-request>, ${METHOD}) -> result`,
    '[method]outgoing-request.path-with-query': '(borrow<outgoing-request>) -> option<string>',
    '[method]outgoing-request.set-path-with-query': '(borrow<outgoing-request>, option<string>) -> result',
    '[method]outgoing-request.scheme': `(borrow<outgoing-request>) -> ${SCHEME}`,
    '[method]outgoing-request.set-scheme': `(borrow<outgoing-request>, ${SCHEME}) -> result`,
    '[method]outgoing-request.authority': '(borrow<outgoing-request>) -> option<string>',
    '[method]outgoing-request.set-authority': '(borrow<outgoing-request>, option<string>) -> result',
    '[method]outgoing-request.headers': '(borrow<outgoing-request>) -> fields',
    '[constructor]request-options': '() -> request-options',
    '[method]request-options.connect-timeout': '(borrow<request-options>) -> option<u64>',
    '[method]request-options.set-connect-timeout': '(borrow<request-options>, option<u64>) -> result',
    '[method]request-options.first-byte-timeout': '(borrow<request-options>) -> option<u64>',
    '[method]request-options.set-first-byte-timeout': '(borrow<request-options>, option<u64>) -> result',
    '[method]request-options.between-bytes-timeout': '(borrow<request-options>) -> option<u64>',
    '[method]request-options.set-between-bytes-timeout': '(borrow<request-options>, option<u64>) -> result',
    '[static]response-outparam.set': `(response-outparam, result<outgoing-response, ${HTTP_ERROR}>)`,
    '[method]incoming-response.status': '(borrow<incoming-response>) -> u16',
    '[method]incoming-response.headers': '(borrow<incoming-response>) -> fields',
    '[method]incoming-response.consume': '(borrow<incoming-response>) -> result<incoming-body>',
    '[method]incoming-body.stream': '(borrow<incoming-body>) -> result<input-stream>',
    '[static]incoming-body.finish': '(incoming-body) -> future-trailers',
    '[method]future-trailers.subscribe': '(borrow<future-trailers>) -> pollable',
    '[method]future-trailers.get': `(borrow<future-trailers>) -> option<result<result<option<fields>, ${HTTP_ERROR}>>>`,
    '[constructor]outgoing-response': '(fields) -> outgoing-response',
    '[method]outgoing-response.status-code': '(borrow<outgoing-response>) -> u16',
    '[method]outgoing-response.set-status-code': '(borrow<outgoing-response>, u16) -> result',
    '[method]outgoing-response.headers': '(borrow<outgoing-response>) -> fields',
    '[method]outgoing-response.body': '(borrow<outgoing-response>) -> result<outgoing-body>',
    '[method]outgoing-body.write': '(borrow<outgoing-body>) -> result<output-stream>',
    '[static]outgoing-body.finish': `(outgoing-body, option<fields>) -> result<_, ${HTTP_ERROR}>`,
    '[method]future-incoming-response.subscribe': '(borrow<future-incoming-response>) -> pollable',
    '[method]future-incoming-response.get': `(borrow<future-incoming-response>) -> option<result<result<incoming-response, ${HTTP_ERROR}>>>`,
    'http-error-code': `(borrow<error>) -> option<${HTTP_ERROR}>`,
  },
  'wasi:http/outgoing-handler': {
    handle: `(outgoing-request, option<request-options>) -> result<future-incoming-response, ${HTTP_ERROR}>`,
  },
};
