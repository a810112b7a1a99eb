import type { WitType } from '../component-builder.ts';

const TEXT: WitType = { option: 'string' };
const SIZE: WitType = { record: { 'field-name': TEXT, 'field-size': { option: 'u32' } } };
const SIZED: readonly (readonly [name: string, payload: WitType | null])[] = [
  ['HTTP-request-body-size', { option: 'u64' }],
  ...['method-invalid', 'URI-invalid', 'URI-too-long'].map((name) => [`HTTP-request-${name}`, null] as const),
  ['HTTP-request-header-section-size', { option: 'u32' }],
  ['HTTP-request-header-size', { option: SIZE }],
  ['HTTP-request-trailer-section-size', { option: 'u32' }],
  ['HTTP-request-trailer-size', SIZE],
  ['HTTP-response-incomplete', null],
  ['HTTP-response-header-section-size', { option: 'u32' }],
  ['HTTP-response-header-size', SIZE],
  ['HTTP-response-body-size', { option: 'u64' }],
  ['HTTP-response-trailer-section-size', { option: 'u32' }],
  ['HTTP-response-trailer-size', SIZE],
  ['HTTP-response-transfer-coding', TEXT],
  ['HTTP-response-content-coding', TEXT],
];
const plain = (names: string): (readonly [string, null])[] => names.split(' ').map((name) => [name, null]);
/** The `error-code` of `wasi:http/types`, which functions that can fail name in full. */
export const HTTP_ERROR_CODE: WitType = {
  variant: Object.fromEntries([
    ['DNS-timeout', null],
    ['DNS-error', { record: { rcode: TEXT, 'info-code': { option: 'u16' } } }],
    ...plain(
      'destination-not-found destination-unavailable destination-IP-prohibited destination-IP-unroutable connection-refused ' +
        'connection-terminated connection-timeout connection-read-timeout connection-write-timeout connection-limit-reached ' +
        'TLS-protocol-error TLS-certificate-error',
    ),
    ['TLS-alert-received', { record: { 'alert-id': { option: 'u8' }, 'alert-message': TEXT } }],
    ...plain('HTTP-request-denied HTTP-request-length-required'),
    ...SIZED,
    ...plain('HTTP-response-timeout HTTP-upgrade-failed HTTP-protocol-error loop-detected configuration-error'),
    ['internal-error', TEXT],
  ]),
};
