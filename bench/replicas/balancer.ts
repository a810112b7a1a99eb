import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What stands in front of the gateways: its program, how it is started with what is written to its file, and how long after one gateway the next may leave. */
export interface Balancer {
  readonly program: string;
  readonly file: string;
  /** @param front - Where clients come. */
  readonly configuration: (folder: string, front: number, ports: readonly number[]) => string;
  readonly args: (folder: string, file: string) => readonly string[];
  /** Until it has noticed that a gateway is back, in milliseconds. */
  readonly noticesAfterMs: number;
}

export const BALANCERS = ['nginx', 'haproxy'] as const;
export type BalancerName = (typeof BALANCERS)[number];

/** The balancer of this name; why there is none where it is not installed. */
export function balancerOf(name: BalancerName): Balancer | string {
  const { flag, debian, ...rest } = KNOWN[name];
  const program = [name, join('/usr/sbin', name)].find((one) => spawnSync(one, [flag]).status === 0);
  return program === undefined
    ? `this needs ${name} (Debian: apt-get install ${debian})`
    : { program, file: `${name}.conf`, ...rest };
}

const KNOWN: Readonly<Record<BalancerName, Omit<Balancer, 'program' | 'file'> & { flag: string; debian: string }>> = {
  nginx: {
    flag: '-v',
    debian: 'nginx-light',
    configuration: nginx,
    args: (folder, file) => ['-p', folder, '-c', file],
    noticesAfterMs: 0,
  },
  haproxy: {
    flag: '-v',
    debian: 'haproxy',
    configuration: haproxy,
    args: (_, file) => ['-q', '-db', '-f', file],
    noticesAfterMs: 1_500,
  },
};

/** As examples/deploy has it, but in turn. */
function nginx(folder: string, front: number, ports: readonly number[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/nginx.log;
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  upstream lockgate { ${ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ')} keepalive 64; keepalive_timeout 1s; }
  server {
    listen 127.0.0.1:${front};
    client_max_body_size 0;
    location / {
      proxy_pass http://lockgate;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
      proxy_connect_timeout 1s;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}

/** Asks each gateway for its health twice a second: one that leaves has to go on for longer than two of these. */
function haproxy(_: string, front: number, ports: readonly number[]): string {
  return `global
  maxconn 8192
defaults
  mode http
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend clients
  bind 127.0.0.1:${front}
  default_backend lockgate
backend lockgate
  balance roundrobin
  option httpchk
  http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host localhost
  default-server check inter 500ms fall 2 rise 1
  ${ports.map((port, at) => `server gateway${at} 127.0.0.1:${port}`).join('\n  ')}
`;
}
