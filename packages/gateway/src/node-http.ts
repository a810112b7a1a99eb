import type http from 'node:http';

const node: typeof http = process.getBuiltinModule('node:http');

// An import of `node:http` reads all that it exports, and some of that (`WebSocket`, `CloseEvent`) loads an HTTP client of Node's own,
// with megabytes that nothing here needs.

export const createServer: typeof http.createServer = node.createServer;

export const request: typeof http.request = node.request;

export const STATUS_CODES: typeof http.STATUS_CODES = node.STATUS_CODES;
