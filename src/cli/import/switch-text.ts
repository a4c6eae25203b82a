/** How to move each app from PM2 to Skein: what to type, and what it costs. Pure. */

export interface MovedApp {
  readonly name: string;
  /** What PM2 calls it. */
  readonly pm2Name: string;
  readonly port: string | null;
}

/** A port that is probably free, and easy to tell from the first. */
export const otherPort = (port: string): string => {
  const number = Number(port);
  return String(number + 10_000 <= 65_535 ? number + 10_000 : number - 10_000);
};

/** For a shell. */
const word = (text: string): string =>
  /^[\w@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const withPort = ({ name, pm2Name }: MovedApp, port: string, config: string): string[] => {
  const leave = `pm2 delete ${word(pm2Name)}`;
  const other = otherPort(port);
  const match = `PREROUTING -p tcp --syn --dport ${port} -j`;
  return [
    `${name}, port ${port}`,
    '  Behind a proxy (nginx, HAProxy, a load balancer), without a gap if its reload has none:',
    `    skein start ${config} --only ${name} --env PORT=${other}`,
    `    # let the proxy send to ${other} instead of ${port}, and reload it gracefully`,
    `    ${leave}`,
    `    # its port is ${other} from now on: write it into ${config}`,
    '  Clients reach the port itself (Linux, as root); a few connections may be refused or reset on the way:',
    `    sed "s/name: '${name}'/name: '${name}-move'/" ${config} > move.config.ts`,
    `    skein start move.config.ts --only ${name}-move --env PORT=${other}`,
    `    iptables -t nat -I ${match} REDIRECT --to-ports ${other}`,
    `    # wait for the connections that PM2 has: ss -tn state established sport = :${port}`,
    `    ${leave}`,
    `    skein start ${config} --only ${name}`,
    `    iptables -t nat -I ${match} ACCEPT`,
    `    skein delete ${name}-move`,
    `    iptables -t nat -D ${match} REDIRECT --to-ports ${other}`,
    `    iptables -t nat -D ${match} ACCEPT`,
    '  With a gap, in which connections are refused until PM2 has ended the app and it has started again:',
    `    ${leave} && skein start ${config} --only ${name}`,
  ];
};

const withoutPort = ({ name, pm2Name }: MovedApp, config: string): string[] => [
  `${name}, no PORT known`,
  '  If it is no server, or can be away for as long as it needs to start:',
  `    pm2 delete ${word(pm2Name)} && skein start ${config} --only ${name}`,
  '  If it is a server whose port is in its code, give it a second one for the move, then as above.',
];

export const switchText = (apps: readonly MovedApp[], config: string): string =>
  apps
    .map((app) =>
      (app.port === null || !/^[1-9]\d*$/.test(app.port)
        ? withoutPort(app, config)
        : withPort(app, app.port, config)
      ).join('\n'),
    )
    .join('\n\n');
