/** How to move each app from PM2 to Skein: what to type, and what it costs. Pure. */

export interface MovedApp {
  readonly name: string;
  readonly port: string | null;
}

/** A port that is probably free, and easy to tell from the first. */
export const otherPort = (port: string): string => {
  const number = Number(port);
  return String(number + 10_000 <= 65_535 ? number + 10_000 : number - 10_000);
};

const rule = (change: '-I' | '-D', port: string): string =>
  `iptables -t nat ${change} PREROUTING -p tcp --dport ${port} -j REDIRECT --to-ports ${otherPort(port)}`;

const withPort = (name: string, port: string, config: string): string[] => [
  `${name}, port ${port}`,
  '  Behind a proxy (nginx, HAProxy, a load balancer), without a gap:',
  `    skein start ${config} --only ${name} --env PORT=${otherPort(port)}`,
  `    # let the proxy send to ${otherPort(port)} instead of ${port}, and reload it gracefully`,
  `    pm2 delete ${name}`,
  `    # PORT is ${otherPort(port)} from now on: write it into ${config}`,
  '  Reached at the port itself (Linux, as root), without a gap for new connections:',
  `    skein start ${config} --only ${name} --env PORT=${otherPort(port)}`,
  `    ${rule('-I', port)}`,
  `    # wait until the connections that PM2 has are over: ss -tn state established sport = :${port}`,
  `    pm2 delete ${name}`,
  `    skein reload ${config} --only ${name}     # back to ${port}, which is free now; see below`,
  `    ${rule('-D', port)}`,
  '  With a gap in which connections are refused, about as long as the app needs to start:',
  `    pm2 delete ${name} && skein start ${config} --only ${name}`,
];

const withoutPort = (name: string, config: string): string[] => [
  `${name}, no PORT known`,
  '  If it is no server, or can be away for as long as it needs to start:',
  `    pm2 delete ${name} && skein start ${config} --only ${name}`,
  '  If it is a server whose port is in its code, give it a second one for the move, then as above.',
];

export const switchText = (apps: readonly MovedApp[], config: string): string =>
  apps
    .map(({ name, port }) =>
      (port === null || !/^[1-9]\d*$/.test(port)
        ? withoutPort(name, config)
        : withPort(name, port, config)
      ).join('\n'),
    )
    .join('\n\n');
